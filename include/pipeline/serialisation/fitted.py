"""Components that learn: their documents hold their options and, beside them, what was learnt."""

from abc import abstractmethod
from typing import Any, ClassVar, Self

from pipeline.components import Component
from pipeline.errors import DocumentError, OptionError, TrainingError
from pipeline.serialisation.containers import Record, check_keys, join
from pipeline.serialisation.schema import audit


class FittedComponent(Component):
    """A component that learns from examples and can be written to a document and read back.

    Subclasses declare what they learn in `learnt`, whose named sizes may be any integer option, and hand it over
    and take it back in `get_learnt` and `set_learnt`.
    """

    family: ClassVar[str]
    learnt: ClassVar[Record]

    @abstractmethod
    def get_learnt(self) -> dict[str, Any]:
        """Return what was learnt, of the shape that `learnt` declares."""

    @abstractmethod
    def set_learnt(self, learnt: dict[str, Any]) -> None:
        """Take over what was learnt; it has the shape that `learnt` declares, its arrays may be read-only.

        Raises:
            DocumentError: parts that do not fit one another.
        """

    @property
    @abstractmethod
    def fitted(self) -> bool:
        """Whether it has learnt anything yet."""

    def to_dict(self) -> dict[str, Any]:
        """Return the document: every option, and what was learnt, as JSON values and numpy arrays only."""
        self.require_fitted()
        options: dict[str, Any] = self.options.model_dump()
        return options | self.get_learnt()

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Self:
        """Return a component that answers exactly as the one the document came from.

        Raises:
            DocumentError: a missing, unknown or out-of-range part, named by its path.
        """
        options = cls.Options.model_fields
        check_keys(document, {**options, **cls.learnt.fields}, cls.family)
        try:
            component = cls(**{name: document[name] for name in options})
        except OptionError as error:
            place = join(cls.family, error.where.partition(".")[2])
            raise DocumentError(place.rstrip("."), error.what[:200], error.allowed) from None
        sizes = {name: value for name, value in component.options if type(value) is int}
        learnt = {name: document[name] for name in cls.learnt.fields}
        audit(learnt, cls.learnt, cls.family, sizes)
        component.set_learnt(learnt)
        return component

    def require_fitted(self) -> None:
        """Refuse to go on with a component that has not learnt anything.

        Raises:
            TrainingError: neither fitted nor read from a document.
        """
        if not self.fitted:
            raise TrainingError(self.name, "has not been fitted", next_step="call fit first")
