"""All classes of one kind, by name. A class belongs to a family because it is in the family's package."""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from functools import cache, cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar

from pipeline.components import Component
from pipeline.components.check import check_class
from pipeline.components.suggest import suggest
from pipeline.errors import UnknownNameError
from pipeline.log import get_logger

logger = get_logger(__name__)

C = TypeVar("C", bound=Component)
_LONGEST_REASON = 300


class Family(Generic[C]):
    """All classes of one kind, by name: those of a package, and those of other distributions.

    The package's classes are the concrete subclasses of `base` in its modules. Other distributions declare theirs as
    entry points of the group that has the package's name. So no class is ever imported by a name found in data. A
    class that cannot be loaded is left out with a warning, and the rest stays usable.

    The classes are loaded when they are first asked for; threads that ask at the same time may load them twice and get
    equal results. After that, all threads may read.

    Args:
        kind: what one class is called in errors: `model`.
        package: the full name of the package.
        base: the class that all are subclasses of.
    """

    def __init__(self, kind: str, package: str, base: type[Any]) -> None:
        self.kind = kind
        self.package = package
        self.base = base
        self.broken: dict[str, str] = {}
        """Why a class is left out, by `distribution: entry point`; filled when `classes` is first read."""
        self.distributions: dict[str, str] = {}
        """The distribution of a class, by the class's name; the package's own classes are not in it."""

    @cached_property
    def classes(self) -> dict[str, type[C]]:
        """Every class by its name, sorted by name; callers share the dict."""
        found: dict[str, Any] = {member.name: member for member in self._list_own()}
        for place, distribution, entry in self._list_entries():
            try:
                member = entry.load()
                check_class(member, self.base, distribution, found)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - another's code; the rest must go on working
                self.broken[place] = _shorten(f"{type(error).__name__}: {error}")
                logger.warning(
                    "an entry point could not be loaded", kind=self.kind, entry=place, reason=self.broken[place]
                )
            else:
                found[member.name] = member
                self.distributions[member.name] = distribution
        return dict(sorted(found.items()))

    def _list_entries(self) -> Iterator[tuple[str, str, EntryPoint]]:
        """Yield the entry points, each with its place and distribution, in an order independent of the search path."""
        declared = _list_entry_points(tuple(sys.path)).select(group=self.package)
        entries = [(each.dist.name if each.dist else "unknown", each) for each in declared]
        for distribution, entry in sorted(entries, key=lambda each: (each[0], each[1].name, each[1].value)):
            yield f"{distribution}: {entry.name}", distribution, entry

    def _list_own(self) -> Iterator[Any]:
        package = importlib.import_module(self.package)
        for module_info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{self.package}.{module_info.name}")
            for _, member in inspect.getmembers(module, inspect.isclass):
                own = issubclass(member, self.base) and member.__module__ == module.__name__
                if own and not inspect.isabstract(member) and hasattr(member, "Options"):
                    yield member

    def __getitem__(self, name: str) -> type[C]:
        """Return the class called `name`.

        Raises:
            UnknownNameError: no class has this name; the error lists the known names and suggests the nearest.
        """
        try:
            return self.classes[name]
        except (KeyError, TypeError):
            raise UnknownNameError(
                self.kind, f"unknown name {name!r}", f"known are {self.describe_names()}", self.suggest(name)
            ) from None

    def describe_names(self) -> str:
        """Return the names of all classes as one text, followed by the reasons why classes are left out."""
        names = ", ".join(self.classes)
        return names + "".join(f"; unavailable: {place} ({reason})" for place, reason in self.broken.items())

    def suggest(self, name: object) -> str:
        """Return `did you mean …?` with the nearest name, or "" if none is near."""
        return suggest(name, self.classes)


@cache
def _list_entry_points(path: tuple[str, ...]) -> Any:  # noqa: ARG001 - what is found depends on it
    """Return the entry points of every distribution: the disk is searched once for all kinds of classes."""
    return entry_points()


def _shorten(reason: str) -> str:
    """Return a reason on one line, shortened if it is long."""
    line = " ".join(reason.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 1]}…"
