"""How a group of environment variables is declared, read, written and described; `environment.py` has the groups."""

import os
from collections.abc import Mapping
from typing import Annotated, Any, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from pipeline.errors import PipelineError


def variable(name: str, description: str, default: Any = None, **details: Any) -> Any:
    """Declare a field that is read from the variable `name`.

    Args:
        details: `allowed`, if the type does not say it; `otherwise`, what applies without the variable if that is not a
            fixed value; and the limits of a number.
    """
    told: dict[str, Any] = {word: details.pop(word) for word in ("allowed", "otherwise") if word in details}
    return Field(default, alias=name, description=description, json_schema_extra=told, **details)


class Variables(BaseModel):
    """Variables that are used together. An empty variable counts as not set."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, defer_build=True)

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Return the values in an environment, by default that of this process.

        Raises:
            PipelineError: a variable has an invalid value; the message has its name, the value, and what is allowed.
        """
        environ = os.environ if environ is None else environ
        given = {name: text for name in cls.names() if (text := environ.get(name, "")).strip()}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            name = str(error.errors(include_url=False)[0]["loc"][0])
            allowed = describe_allowed(next(field for field in cls.model_fields.values() if field.alias == name))
            next_step = "set it to that, or unset it"
            raise PipelineError(name, f"{given[name]!r} is not usable", allowed, next_step) from None

    @classmethod
    def names(cls) -> list[str]:
        """Return the names of the variables, in the order of the fields."""
        return [str(field.alias) for field in cls.model_fields.values()]

    @classmethod
    def name_of(cls, field: str) -> str:
        """Return the name of a field's variable."""
        return str(cls.model_fields[field].alias)

    @property
    def missing(self) -> list[str]:
        """The names of the variables that are not set."""
        given = self.to_environ()
        return [name for name in self.names() if name not in given]

    def to_environ(self) -> dict[str, str]:
        """Return the variables that were given, each as text."""
        found = self.model_dump(by_alias=True, exclude_unset=True, exclude_none=True)
        return {name: str(value) for name, value in found.items()}


def _read_digits(given: Any) -> Any:
    """Accept only ASCII digits as a number; pydantic also accepts 1.0 and 1_000."""
    if not isinstance(given, str):
        return given
    digits = given.strip()
    return int(digits) if digits.isascii() and digits.isdigit() else None


def read_word(given: Any) -> Any:
    """Return a text without blanks around it, in lower case; anything else as it is."""
    return given.strip().lower() if isinstance(given, str) else given


Number = Annotated[int, BeforeValidator(_read_digits)]
Word = BeforeValidator(read_word)


def describe_allowed(field: FieldInfo) -> str:
    """Return the allowed values of a variable: `a whole number from 1 to 1024`."""
    if allowed := _describe(field, "allowed"):
        return allowed
    limits = {name: getattr(each, name) for each in field.metadata for name in ("ge", "le") if hasattr(each, name)}
    if "ge" in limits:
        return f"a whole number from {limits['ge']}" + (f" to {limits['le']}" if "le" in limits else "")
    return " or ".join(map(str, get_args(field.annotation))) if field.default is not None else "text"


def describe_default(field: FieldInfo) -> str:
    """Return what applies if a variable is not set."""
    return _describe(field, "otherwise") or ("–" if field.default is None else str(field.default))


def _describe(field: FieldInfo, word: str) -> str:
    return str(field.json_schema_extra.get(word, "")) if isinstance(field.json_schema_extra, dict) else ""
