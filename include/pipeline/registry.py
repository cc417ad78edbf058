"""Classes by name. A class is registered by standing in its family's package, one file a class."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Generic, TypeVar

from pipeline.components import Component
from pipeline.errors import RegistryError

C = TypeVar("C", bound=Component)
LONGEST_NAME = 200  # nothing longer can be near to a name


class Registry(Generic[C]):
    """The concrete subclasses of `base` found in the modules of `package`.

    Nothing is ever imported by a name found in data: the modules are the package's own.
    """

    def __init__(self, kind: str, package: str, base: type[Any]) -> None:
        self.kind = kind
        self.package = package
        self.base = base

    @cached_property
    def classes(self) -> dict[str, type[C]]:
        """Every class of this kind by its name, sorted by name."""
        found: dict[str, type[Any]] = {}
        package = importlib.import_module(self.package)
        for module_info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{self.package}.{module_info.name}")
            members: list[type[Any]] = [member for _, member in inspect.getmembers(module, inspect.isclass)]
            for member in members:
                if (
                    issubclass(member, self.base)
                    and member.__module__ == module.__name__
                    and not inspect.isabstract(member)
                    and hasattr(member, "Options")
                ):
                    found[member.name] = member
        return dict(sorted(found.items()))

    def __getitem__(self, name: str) -> type[C]:
        """Return the class called `name`.

        Raises:
            RegistryError: nothing is called so; names what is, nearest first.
        """
        try:
            return self.classes[name]
        except (KeyError, TypeError):
            raise RegistryError(
                self.kind,
                f"unknown name {name!r}",
                f"known are {', '.join(self.classes)}",
                self.suggest(name),
            ) from None

    def suggest(self, name: object) -> str:
        """Return `did you mean …?`, or nothing where no name is near."""
        return suggest(name, self.classes)


def suggest(name: object, known: Iterable[str]) -> str:
    """Return `did you mean …?` with the known name nearest to one that is not, or nothing where none is near."""
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        return ""
    text, names = name.lower(), {each.lower(): each for each in known}
    near = get_close_matches(text, names, n=1, cutoff=0.5) or [each for each in names if len(text) > 2 and text in each]
    return f"did you mean {names[near[0]]}?" if near else ""
