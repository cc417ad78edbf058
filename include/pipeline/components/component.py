"""What datasets, adapters and models have in common: a name, a short name, and options checked by a schema."""

from abc import ABC
from functools import cache, cached_property
from typing import Any, ClassVar

from pydantic import ValidationError

from pipeline.components.options import Option, OptionSchema, canonical_json, explain
from pipeline.errors import OptionError


class Component(ABC):
    """A dataset, an adapter or a model, made from options that its `Options` schema has accepted.

    The options of an object never change, and neither do the texts made from them (`text`, `canonical`, `effective`):
    any number of threads may read them. `Adapter` and `Model` say which threads may use what an object has learnt.

    Attributes:
        name: what plans and documents call the class; unique in its family.
        short_name: its part of a label: lower case letters and digits, joined by `-`.
        Options: the schema of its options.
        options: an object of this schema, every default filled in; read it, do not change it.
    """

    name: ClassVar[str]
    short_name: ClassVar[str]
    Options: ClassVar[type[OptionSchema]]

    def __init__(self, *args: Any, **options: Any) -> None:
        """Make a component that has learnt nothing yet.

        Args:
            args: options by position, in the order of `Options.names()`.
            options: options by name; those that are left out have their default.

        Raises:
            OptionError: an option is unknown, missing or out of its range, or options break a rule of the class.
        """
        names = self.Options.names()
        if len(args) > len(names):
            raise OptionError(
                self.name, f"got {len(args)} positional options", f"at most {len(names)}: {', '.join(names)}"
            )
        self.options: Any = self.parse_options(dict(zip(names, args, strict=False)) | options)

    @classmethod
    @cache
    def options_by_name(cls) -> dict[str, Option]:
        """Return the options of this class, in the order of `Options.names()`; callers share the dict."""
        return {name: Option(name, cls.Options.model_fields[name]) for name in cls.Options.names()}

    @classmethod
    def parse_options(cls, options: dict[str, Any]) -> OptionSchema:
        """Return options with every default filled in and every value in its canonical form.

        Args:
            options: JSON values by the option's name.

        Raises:
            OptionError: the first thing that is wrong, with the option's name.
        """
        try:
            return cls.Options.model_validate(options)
        except ValidationError as error:
            errors = error.errors(include_url=False)
            first = errors[0]
            if not first["loc"]:
                raise OptionError(cls.name, explain(errors[:1])) from None
            name = str(first["loc"][0])
            if first["type"] == "extra_forbidden":
                known = ", ".join(cls.Options.names())
                raise OptionError(f"{cls.name}.{name}", "unknown option", f"known are {known}") from None
            if first["type"] == "missing":
                raise OptionError(f"{cls.name}.{name}", "missing") from None
            raise OptionError(
                f"{cls.name}.{name}",
                f"got {options[name]!r}",
                explain([each for each in errors if each["loc"][0] == name]),
            ) from None

    @cached_property
    def block(self) -> dict[str, Any]:
        """This component's part of a definition: its name and every option, as JSON values; callers share the dict."""
        options = self.options.model_dump(mode="json")
        return {"name": self.name, "options": {name: options[name] for name in self.Options.names()}}

    @cached_property
    def text(self) -> str:
        """`block` as JSON text."""
        return canonical_json(self.block)

    @cached_property
    def canonical(self) -> str:
        """The canonical JSON text of this component, equal for equal components on every machine; labels hash it.

        It leaves out an option that is marked `Added` and has its default, so that older definitions keep their label.
        """
        return self.write(self.block["options"])

    @cached_property
    def effective(self) -> str:
        """The canonical text without the options that change nothing here: components with equal texts do the same."""
        if not any(option.active_when for option in self.options_by_name().values()):
            return self.canonical
        return self.write(self.list_effective())

    def write(self, options: dict[str, Any]) -> str:
        """Return the canonical text of this component with these options only.

        Args:
            options: some of the options in `block`.
        """
        known = self.options_by_name()
        written = {name: value for name, value in options.items() if not known[name].is_added(value)}
        return canonical_json({"name": self.name, "options": written})

    def list_effective(self) -> dict[str, Any]:
        """Return the options that change something, as JSON values."""
        options = self.block["options"]
        known = self.options_by_name()
        return {
            name: value
            for name, value in options.items()
            if all(each.holds(options) for each in known[name].active_when)
        }

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in self.options)
        return f"{type(self).__name__}({options})"
