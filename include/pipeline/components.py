"""What datasets, adapters and models share: a name, a short name, and options checked by a schema."""

from abc import ABC
from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import ErrorDetails

from pipeline.errors import OptionError


def explain(errors: Sequence[ErrorDetails]) -> str:
    """Return what one value should have been; where it may be of several types, what each would have taken."""
    wanted = [error["msg"].removeprefix("Value error, ") for error in errors]
    sentence = " or ".join(dict.fromkeys(wanted)).replace(" or Input should be", " or")
    return sentence[:1].lower() + sentence[1:]


def normalise_number(value: Any) -> Any:
    """Return a whole number as an integer, as JSON means it: `3.0` is 3, and `-0.0` is 0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class OptionSchema(BaseModel):
    """The options of one class: their types, ranges, defaults and meanings, declared once.

    Strict: `"3"` is no integer. Every field carries `Field(description=…)` and its range.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _normalise(cls, value: Any) -> Any:
        return normalise_number(value)


class Component(ABC):
    """A dataset, an adapter or a model, made from options that its `Options` schema has accepted.

    Subclasses set `name` (how plans and documents call it), `short_name` (its part of a label) and `Options`.
    """

    name: ClassVar[str]
    short_name: ClassVar[str]
    Options: ClassVar[type[OptionSchema]]

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take options by keyword, or by position in the order of the schema.

        Raises:
            OptionError: an unknown option, a missing one, or a value outside its range.
        """
        names = list(self.Options.model_fields)
        if len(args) > len(names):
            raise OptionError(
                self.name, f"got {len(args)} positional options", f"at most {len(names)}: {', '.join(names)}"
            )
        self.options: Any = self.parse_options(dict(zip(names, args, strict=False)) | options)

    @classmethod
    def parse_options(cls, options: dict[str, Any]) -> OptionSchema:
        """Return the options with every default filled in and every value in its canonical form.

        Raises:
            OptionError: the first of what is wrong, by the option's name.
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
                known = ", ".join(cls.Options.model_fields)
                raise OptionError(f"{cls.name}.{name}", "unknown option", f"known are {known}") from None
            if first["type"] == "missing":
                raise OptionError(f"{cls.name}.{name}", "missing") from None
            raise OptionError(
                f"{cls.name}.{name}",
                f"got {options[name]!r}",
                explain([each for each in errors if each["loc"][0] == name]),
            ) from None

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in self.options)
        return f"{type(self).__name__}({options})"
