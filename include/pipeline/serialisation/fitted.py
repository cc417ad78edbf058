"""Components that learn from examples, and their documents."""

from abc import abstractmethod
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as read_version
from typing import Any, ClassVar, Self

from pipeline.components import Component
from pipeline.errors import DocumentError, OptionError, TrainingError
from pipeline.serialisation.containers import Dictionary, Record, check_keys, join
from pipeline.serialisation.schema import Anything, Integer, Schema, Text, audit, refuse


class FittedComponent(Component):
    """A component that learns from examples, and can be written to a document and read back.

    A subclass declares what it learns in `learnt`, in which every integer option is a named size. `get_learnt` returns
    what it has learnt, and `set_learnt` takes that over. When you change what a class learns, or what an option means,
    raise its `version` and let `upgrade` convert the documents of the versions before.

    Threads and ownership are as `Adapter` and `Model` say.
    """

    family: ClassVar[str]
    version: ClassVar[int] = 1
    libraries: ClassVar[tuple[str, ...]] = ("numpy",)
    """The distributions whose code decides the answers of this class. Documents contain their versions."""
    recorded: ClassVar[Mapping[str, Schema]] = {}
    """Attributes that documents of this family contain besides what was learnt; they are set before `set_learnt`."""
    learnt: ClassVar[Record]
    """What this class learns, with all its options."""

    def declare(self) -> Record:
        """Return what this component learns with its options; `learnt` unless a subclass says otherwise."""
        return self.learnt

    @abstractmethod
    def get_learnt(self) -> dict[str, Any]:
        """Return what was learnt, as JSON values and numpy arrays that belong to the caller.

        Returns:
            What `declare` declares.
        """

    @abstractmethod
    def set_learnt(self, learnt: dict[str, Any]) -> None:
        """Take over what was learnt.

        Args:
            learnt: audited against `declare`. Its arrays may be read-only and belong to the caller, so copy them.

        Raises:
            DocumentError: some entries contradict each other.
        """

    @property
    @abstractmethod
    def fitted(self) -> bool:
        """Whether this component has been fitted or read from a document."""

    def to_dict(self) -> dict[str, Any]:
        """Return the document.

        Returns:
            JSON values and numpy arrays: the class's `version`, the `libraries` with their versions, the attributes in
            `recorded`, all `options`, and what was `learnt`.

        Raises:
            TrainingError: the component has not been fitted.
        """
        self.require_fitted()
        return {
            "version": self.version,
            "libraries": {name: find_version(name) for name in self.libraries},
            **{name: getattr(self, name) for name in self.recorded},
            "options": dict(self.block["options"]),
            "learnt": self.get_learnt(),
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Self:
        """Return a component that answers exactly as the one from which the document came.

        Args:
            document: what `to_dict` returned, in this version of the class or an older one; it is not changed.

        Raises:
            DocumentError: an entry is missing, unknown or not allowed, or a newer version of the class wrote it.
        """
        audit(document, Record(_HEAD | dict(cls.recorded) | _BODY), cls.family)
        if document["version"] > cls.version:
            refuse(
                f"{cls.family}.version", str(document["version"]), f"at most {cls.version}: a newer release wrote this"
            )
        document = cls.upgrade(document, document["version"])
        component = cls._read_options(document["options"])
        for name in cls.recorded:
            setattr(component, name, document[name])
        sizes = {name: value for name, value in component.options if type(value) is int}
        audit(document["learnt"], component.declare(), f"{cls.family}.learnt", sizes)
        component.set_learnt(document["learnt"])
        return component

    @classmethod
    def upgrade(cls, document: dict[str, Any], version: int) -> dict[str, Any]:  # noqa: ARG003 - for subclasses
        """Return a document of an older version of this class as this version would write it.

        Args:
            document: its options and what was learnt have not been audited yet; it must not be changed.
            version: the version that wrote it.
        """
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
        """Refuse to go on with a component that has learnt nothing.

        Raises:
            TrainingError: it has been neither fitted nor read from a document.
        """
        if not self.fitted:
            raise TrainingError(self.name, "has not been fitted", next_step="call fit first")


_HEAD: dict[str, Schema] = {
    "version": Integer(minimum=1),
    "libraries": Dictionary(Text(longest=200), Text(longest=200)),
}
_BODY: dict[str, Schema] = {"options": Anything(), "learnt": Anything()}


@cache
def find_version(distribution: str) -> str:
    """Return the version of a distribution, or `missing` if it is not installed."""
    try:
        return read_version(distribution)
    except PackageNotFoundError:
        return "missing"
