"""Options: their types, ranges, defaults and meanings, declared once with each class and read from there."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

STRICT = ConfigDict(strict=True, allow_inf_nan=False)
_LEVELS = 8
_NO_VALUE = object()
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def explain(errors: Sequence[ErrorDetails]) -> str:
    """Return what a value must be, from pydantic's errors about it; for a union of types, what each of them accepts."""
    wanted: dict[str, list[str]] = {}
    for error in errors:
        item = next((f"item {part}: " for part in error["loc"] if isinstance(part, int)), "")
        wanted.setdefault(item, []).append(error["msg"].removeprefix("Value error, "))
    return "; ".join(item + _join_types(messages) for item, messages in wanted.items())


def _join_types(messages: list[str]) -> str:
    sentence = (
        " or ".join(dict.fromkeys(messages)).replace(" or Input should be", " or").replace(" after validation", "")
    )
    return sentence[:1].lower() + sentence[1:]


def normalise(value: Any, *, booleans: bool = True, levels: int = _LEVELS) -> Any:
    """Return a value as JSON means it: `3.0` is 3 and `-0.0` is 0, also in lists, and `true` is not a number.

    Args:
        booleans: whether the option may take booleans; if not, they become a placeholder that no type takes.
        levels: how many levels of lists it looks into; no option has deeper values.
    """
    if isinstance(value, bool):
        return value if booleans else _NO_VALUE
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, list | tuple) and levels:
        return [normalise(each, booleans=booleans, levels=levels - 1) for each in value]
    return value


def may_take_booleans(annotation: Any) -> bool:
    """Return whether a boolean can be one of a type's values.

    For `Literal[0, 1]` it cannot: `True` equals 1 in Python, but not in JSON.
    """
    literals = [*_list_literals(annotation)]
    numbers = any(isinstance(each, int | float) and not isinstance(each, bool) for each in literals)
    return not numbers or any(isinstance(each, bool) for each in literals) or bool in _list_types(annotation)


def canonical_json(value: Any) -> str:
    """Return the canonical text of a JSON value: sorted keys, no spaces, ASCII only."""
    return _CANONICAL.encode(value)


class OptionSchema(BaseModel):
    """The options of one class: their types, ranges, defaults and meanings, declared once.

    Checks, labels, the JSON Schema, the trigger form and the reference are all made from it. A subclass declares each
    option as a field with `Field(description=…)` and its range. Units are part of an option's name (`days`) or of its
    description. It is strict, so `"3"` is not an integer, and accepts no unknown option, no NaN and no infinity. A rule
    across options is a `model_validator`. Objects are frozen: all threads may read them.

    Example:
        class Options(OptionSchema):
            kernel: Literal["linear", "poly"] = Field(default="linear", description="The kernel.")
            degree: Annotated[int, ActiveWhen("kernel", ("poly",))] = Field(
                default=3, ge=1, le=10, description="The degree of the polynomial."
            )
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _normalise(cls, value: Any, info: ValidationInfo) -> Any:
        return normalise(value, booleans=cls._may_take_booleans(info.field_name or ""))

    @classmethod
    @cache
    def _may_take_booleans(cls, name: str) -> bool:
        return may_take_booleans(cls.model_fields[name].annotation)

    @classmethod
    def names(cls) -> list[str]:
        """Return the names of the options: first those of the class itself, then those it inherits."""
        classes = [annotations for base in cls.__mro__ if (annotations := vars(base).get("__annotations__"))]
        return [*dict.fromkeys(name for names in classes for name in names if name in cls.model_fields)]

    @classmethod
    def has_rules(cls) -> bool:
        """Return whether there is a rule across options, so that options that are right alone can be wrong together."""
        return bool(cls.__pydantic_decorators__.model_validators)


@dataclass(frozen=True)
class ActiveWhen:
    """Marks an option that changes something only while another option has one of some values.

    It is a part of the option's type: `degree: Annotated[int, ActiveWhen("kernel", ("poly",))]`.

    Args:
        option: the name of the other option.
        values: its values, as JSON, with which the marked option changes something.
    """

    option: str
    values: tuple[Any, ...]

    def holds(self, options: Mapping[str, Any]) -> bool:
        """Return whether the marked option changes something with these options, which include every default."""
        return options[self.option] in self.values

    def __str__(self) -> str:
        return f"{self.option} is {' or '.join(str(value) for value in self.values)}"


@dataclass(frozen=True)
class Added:
    """Marks an option that was added to its class later; its default must never change.

    Older labels and documents keep their meaning: the option is not part of a label while it has its default, and a
    document without it means the default.
    """


class Option:
    """One option of a class, as plans have it: its values are JSON values.

    An object has no state except what it derives from the field, so all threads share it.

    Args:
        name: the option's name.
        field: the field of the class's `OptionSchema`.
    """

    def __init__(self, name: str, field: FieldInfo) -> None:
        self.name = name
        self.field = field
        declared: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        self._type: TypeAdapter[Any] = TypeAdapter(declared, config=STRICT)

    @cached_property
    def _booleans(self) -> bool:
        return may_take_booleans(self.field.annotation)

    @property
    def required(self) -> bool:
        """Whether a plan must give it a value, because it has no default."""
        return self.field.is_required()

    @property
    def description(self) -> str:
        """What it means."""
        return self.field.description or ""

    @cached_property
    def default(self) -> Any:
        """The value if a plan gives none, as JSON; a required option has no default."""
        return self._type.dump_python(self.field.get_default(call_default_factory=True), mode="json")

    @cached_property
    def active_when(self) -> tuple[ActiveWhen, ...]:
        """The conditions under which it changes something; all of them must hold."""
        return tuple(part for part in self.field.metadata if isinstance(part, ActiveWhen))

    @cached_property
    def added(self) -> bool:
        """Whether it was added to its class later."""
        return any(isinstance(part, Added) for part in self.field.metadata)

    def is_added(self, value: Any) -> bool:
        """Return whether a value, as JSON, is the default of an option that was added to its class later."""
        return self.added and bool(value == self.default)

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of one value."""
        extra = self.field.json_schema_extra
        return self._type.json_schema() | (extra if isinstance(extra, dict) else {})

    @cached_property
    def takes_list(self) -> bool:
        """Whether a value is itself a list."""
        return any(branch.get("type") == "array" for branch in self.schema.get("anyOf", [self.schema]))

    @cached_property
    def takes_null(self) -> bool:
        """Whether a value may be null."""
        return any(branch.get("type") == "null" for branch in self.schema.get("anyOf", [self.schema]))

    @cached_property
    def choices(self) -> list[str]:
        """The strings that its `Literal` types list; in a union, those of every type."""
        return [each for each in _list_literals(self.field.annotation) if isinstance(each, str)]

    def parse(self, value: Any) -> Any:
        """Return a value in its canonical form, as JSON: a float's `1` becomes `1.0`, and `2016-1-1` `2016-01-01`.

        Raises:
            pydantic.ValidationError: the value is of another type, or out of range.
            OverflowError: the value is an integer that is too large for a float.
        """
        normal = normalise(value, booleans=self._booleans)
        return self._type.dump_python(self._type.validate_python(normal), mode="json")

    def list_values(self, written: Any) -> list[Any]:
        """Return the values to try, from a plan's list of values or its single value.

        If values are lists themselves, a list without a list inside is one value: `[1, 2]` means `[[1, 2]]`. If null
        is also a value, `[null]` is a list of values.
        """
        if not isinstance(written, list):
            return [written]
        values = (list, type(None)) if self.takes_null else list
        if self.takes_list and written and not any(isinstance(value, values) for value in written):
            return [written]
        return written


def _list_types(annotation: Any) -> list[Any]:
    """Return a type and all types that it consists of."""
    return [annotation, *(each for part in get_args(annotation) for each in _list_types(part))]


def _list_literals(annotation: Any) -> Iterator[Any]:
    """Yield the values that a type lists."""
    for each in _list_types(annotation):
        if get_origin(each) is Literal:
            yield from get_args(each)
