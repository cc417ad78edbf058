"""The contract of an adapter."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from pipeline.adapters.characters import FIRST, NEWEST
from pipeline.components.features import Features
from pipeline.serialisation.fitted import FittedComponent
from pipeline.serialisation.schema import Integer, Part


class Adapter(FittedComponent):
    """Turns texts into what a model takes, after it has been fitted on the training set's texts.

    Once it is fitted, or read from a document, any number of threads may call whatever only asks it something
    (`transform`, `width`, `terms`, `to_dict`) at once: none of that changes it. `fit` and `set_learnt` are for one
    thread, while no other uses the same adapter.
    """

    family: ClassVar[str] = "adapter"
    told: ClassVar[Mapping[str, Part]] = {"tokeniser": Integer(FIRST, NEWEST)}
    tokeniser: int = NEWEST
    """How its texts become words and characters, by the number of a tokeniser in `characters`; one that was read from a
    document has that document's, whatever came later."""
    gives_negative: ClassVar[bool]
    """Whether a row can hold negative numbers, which not every model takes; each class states it."""
    gives_sparse: ClassVar[bool] = False
    """Whether rows are sparse: wide, and nearly all zeros."""
    knows_any: bool = False
    """Whether words that were not met in training give other numbers than zeros too."""
    row_options: ClassVar[frozenset[str]] = frozenset()
    """The options that only decide how a row is made of what was learnt: adapters that differ in no other are trained
    once for all of them, and `get_shared` gives what each of them needs."""

    @classmethod
    def can_give_negative(cls, choices: Mapping[str, Sequence[Any]]) -> bool:  # noqa: ARG003 - for subclasses
        """Return whether a row can hold negative numbers under some of these options.

        Args:
            choices: for each option the values that are meant, as JSON.
        """
        return cls.gives_negative

    @property
    def parts(self) -> "Sequence[Adapter]":
        """The adapters that stand side by side in this one, each trained by itself; none for most."""
        return ()

    @cached_property
    def training_text(self) -> str:
        """The canonical text of what decides what is learnt: equal for adapters that learn the same."""
        options = self.list_effective().items()
        return self.write({name: value for name, value in options if name not in self.row_options})

    def get_shared(self) -> dict[str, Any]:
        """Return what was learnt, whatever the `row_options` are; `set_learnt` takes it."""
        return self.get_learnt()

    @abstractmethod
    def fit(self, texts: Sequence[str], seed: int = 0) -> Self:
        """Learn from the training set's texts and return self. The same texts and seed give the same adapter.

        Args:
            texts: the training set's texts, in its order; a `Corpus` brings their words along.
            seed: from 0 to 2³² - 1; seeds whatever is drawn at random.

        Raises:
            TrainingError: nothing can be learnt, such as when no text holds a word.
        """

    @abstractmethod
    def transform(self, texts: Sequence[str]) -> Features:
        """Return one row a text, in order; a text without a known word gives a row of zeros."""

    @property
    @abstractmethod
    def width(self) -> int:
        """How many numbers stand for one text; where that is learnt, it is known once fitted.

        Raises:
            TrainingError: neither fitted nor read from a document, and not known before.
        """

    @property
    def dense_width(self) -> int:
        """How many of these numbers take memory even where they are 0; none of those of sparse rows."""
        return 0 if self.gives_sparse else self.width

    @property
    @abstractmethod
    def terms(self) -> Sequence[str]:
        """What was met in training and gives other numbers than zeros, each once; nothing where nothing is kept."""
