"""The contract of an adapter."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from pipeline.adapters.characters import FIRST, NEWEST
from pipeline.components.features import Features
from pipeline.serialisation.fitted import FittedComponent
from pipeline.serialisation.schema import Integer, Schema


class Adapter(FittedComponent):
    """Turns texts into the features that a model takes, once it has been fitted on the training set's texts.

    Threads: once an adapter has been fitted or read from a document, any number of threads may call `transform`,
    `width`, `terms` and `to_dict` at the same time; none of them changes the adapter. Only one thread may call `fit` or
    `set_learnt`, while no other thread uses the same adapter.

    Ownership: an adapter neither changes nor keeps the texts that it is given, and the features that it returns belong
    to the caller.
    """

    family: ClassVar[str] = "adapter"
    recorded: ClassVar[Mapping[str, Schema]] = {"tokeniser": Integer(FIRST, NEWEST)}
    tokeniser: int = NEWEST
    """The number of the tokeniser (see `characters.py`) that cuts its texts into words. An adapter that was read from a
    document keeps the document's tokeniser, even if there is a newer one."""
    gives_negative: ClassVar[bool]
    """Whether a row can hold negative numbers, which not every model takes. Each class must set it."""
    gives_sparse: ClassVar[bool] = False
    """Whether rows are sparse, because they are wide and nearly all of their numbers are 0."""
    knows_any: bool = False
    """Whether a word that did not occur in training can give numbers other than 0 too."""
    row_options: ClassVar[frozenset[str]] = frozenset()
    """The options that do not decide what is learnt, only how a row is made from it. Adapters that differ only in these
    are trained once: each of the others takes over what `get_shared` of the trained one returns. For example, one
    training serves TF-IDF with `norm` "l1" and "l2"."""

    @classmethod
    def can_give_negative(cls, choices: Mapping[str, Sequence[Any]]) -> bool:  # noqa: ARG003 - for subclasses
        """Return whether a row can hold negative numbers with some combination of these options.

        Args:
            choices: for each option its possible values, as JSON values.
        """
        return cls.gives_negative

    @property
    def parts(self) -> "Sequence[Adapter]":
        """The adapters that this one combines, each trained by itself; empty unless it is a union."""
        return ()

    @cached_property
    def training_text(self) -> str:
        """The canonical text of the options that decide what is learnt; equal for adapters that learn the same."""
        options = self.list_effective().items()
        return self.write({name: value for name, value in options if name not in self.row_options})

    def get_shared(self) -> dict[str, Any]:
        """Return what was learnt, complete for any value of the `row_options`; `set_learnt` accepts it."""
        return self.get_learnt()

    @abstractmethod
    def fit(self, texts: Sequence[str], seed: int = 0) -> Self:
        """Learn from the training set's texts. The same texts and seed give the same adapter.

        Args:
            texts: the training set's texts, in its order. A `Corpus` contains their words already.
            seed: from 0 to 2³² - 1. It seeds everything that is drawn at random.

        Returns:
            This adapter.

        Raises:
            TrainingError: nothing can be learnt, for example because no text contains a word.
        """

    @abstractmethod
    def transform(self, texts: Sequence[str]) -> Features:
        """Return the features of some texts.

        Args:
            texts: any number of texts, including none.

        Returns:
            Shape (texts, width), float32, in the order of the texts; sparse if `gives_sparse`. A text without a known
            word has a row of zeros.

        Raises:
            TrainingError: the adapter has not been fitted.
        """

    @property
    @abstractmethod
    def width(self) -> int:
        """The number of numbers in a row.

        Raises:
            TrainingError: the width is learnt, and the adapter has not been fitted.
        """

    @property
    def dense_width(self) -> int:
        """How many of these numbers take memory even if they are 0; none for sparse rows."""
        return 0 if self.gives_sparse else self.width

    @property
    @abstractmethod
    def terms(self) -> Sequence[str]:
        """The words or n-grams that are known from training, each once; empty if the adapter keeps none."""
