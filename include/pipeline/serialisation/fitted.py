"""Components that learn: their documents hold their options and, beside them, what was learnt."""

from abc import abstractmethod
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as read_version
from typing import Any, ClassVar, Self

from pipeline.components import Component
from pipeline.errors import DocumentError, OptionError, TrainingError
from pipeline.serialisation.containers import Dictionary, Record, check_keys, join
from pipeline.serialisation.schema import Anything, Integer, Part, Text, audit, refuse


class FittedComponent(Component):
    """A component that learns from examples and can be written to a document and read back.

    Subclasses declare what they learn in `learnt`, whose named sizes may be any integer option, and hand it over
    and take it back in `get_learnt` and `set_learnt`. Whoever changes what a class learns or what its options mean
    raises its `version` and lets `upgrade` read the documents of the versions before.
    """

    family: ClassVar[str]
    version: ClassVar[int] = 1
    libraries: ClassVar[tuple[str, ...]] = ("numpy",)
    """The distributions whose code decides what this class answers; a document names their versions."""
    told: ClassVar[Mapping[str, Part]] = {}
    """Attributes that documents of this family tell beside what was learnt, set before that is taken over."""
    learnt: ClassVar[Record]

    def declare(self) -> Record:
        """Return what is learnt under these options: `learnt`, where it is always the same."""
        return self.learnt

    @abstractmethod
    def get_learnt(self) -> dict[str, Any]:
        """Return what was learnt, of the shape that `declare` says."""

    @abstractmethod
    def set_learnt(self, learnt: dict[str, Any]) -> None:
        """Take over what was learnt; it has the shape that `declare` says, its arrays may be read-only.

        Raises:
            DocumentError: parts that do not fit one another.
        """

    @property
    @abstractmethod
    def fitted(self) -> bool:
        """Whether it has learnt anything yet."""

    def to_dict(self) -> dict[str, Any]:
        """Return the document, as JSON values and numpy arrays only.

        Its keys are the class's `version`, the versions of the `libraries` it was fitted with, what its family has
        `told`, all `options`, and what was `learnt`.
        """
        self.require_fitted()
        return {
            "version": self.version,
            "libraries": {name: find_version(name) for name in self.libraries},
            **{name: getattr(self, name) for name in self.told},
            "options": dict(self.block["options"]),
            "learnt": self.get_learnt(),
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Self:
        """Return a component that answers exactly as the one the document came from.

        Raises:
            DocumentError: a missing, unknown or out-of-range part, named by its path, or a newer class's document.
        """
        audit(document, Record(_HEAD | dict(cls.told) | _BODY), cls.family)
        if document["version"] > cls.version:
            refuse(
                f"{cls.family}.version", str(document["version"]), f"at most {cls.version}: a newer release wrote this"
            )
        document = cls.upgrade(document, document["version"])
        component = cls._read_options(document["options"])
        for name in cls.told:
            setattr(component, name, document[name])
        sizes = {name: value for name, value in component.options if type(value) is int}
        audit(document["learnt"], component.declare(), f"{cls.family}.learnt", sizes)
        component.set_learnt(document["learnt"])
        return component

    @classmethod
    def upgrade(cls, document: dict[str, Any], version: int) -> dict[str, Any]:  # noqa: ARG003 - for subclasses
        """Return the document of an older version of this class, not audited yet, as this version would write it."""
        return document

    @classmethod
    def _read_options(cls, options: Any) -> Self:
        path = f"{cls.family}.options"
        added = {name: option.default for name, option in cls.options_by_name().items() if option.added}
        if isinstance(options, dict):
            options = added | options
        check_keys(options, cls.Options.model_fields, path)
        try:
            return cls(**options)
        except OptionError as error:
            place = join(path, error.where.partition(".")[2])
            raise DocumentError(place.rstrip("."), error.what[:200], error.allowed) from None

    def require_fitted(self) -> None:
        """Refuse to go on with a component that has not learnt anything.

        Raises:
            TrainingError: neither fitted nor read from a document.
        """
        if not self.fitted:
            raise TrainingError(self.name, "has not been fitted", next_step="call fit first")


_HEAD: dict[str, Part] = {
    "version": Integer(minimum=1),
    "libraries": Dictionary(Text(longest=200), Text(longest=200)),
}
_BODY: dict[str, Part] = {"options": Anything(), "learnt": Anything()}


@cache
def find_version(distribution: str) -> str:
    """Return the version of a distribution, or `missing` where it is not installed."""
    try:
        return read_version(distribution)
    except PackageNotFoundError:
        return "missing"
