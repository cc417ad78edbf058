"""Options: their types, ranges, defaults and meanings, declared once beside each class and read from there."""

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
    """Return what one value should have been; where it may be of several types, what each would have taken."""
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
    """Return a value as JSON means it: `3.0` is 3 and `-0.0` is 0, also in lists, and `true` is no number.

    Args:
        booleans: whether the option may take booleans; where not, something that no type takes stands for them.
        levels: so deep it looks into lists; no option has values that are deeper.
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

    Of `Literal[0, 1]` Python says so, for which `True` equals 1; JSON says no.
    """
    literals = [*_list_literals(annotation)]
    numbers = any(isinstance(each, int | float) and not isinstance(each, bool) for each in literals)
    return not numbers or any(isinstance(each, bool) for each in literals) or bool in _list_types(annotation)


def canonical_json(value: Any) -> str:
    """Return the one text of a JSON value: keys sorted, no spaces."""
    return _CANONICAL.encode(value)


class OptionSchema(BaseModel):
    """The options of one class: their types, ranges, defaults and meanings, declared once.

    Strict: `"3"` is no integer. Every field carries `Field(description=…)` and its range.
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
        """Return the options' names in their order: a class's own first, then those it shares with others."""
        classes = [annotations for base in cls.__mro__ if (annotations := vars(base).get("__annotations__"))]
        return [*dict.fromkeys(name for names in classes for name in names if name in cls.model_fields)]

    @classmethod
    def has_rules(cls) -> bool:
        """Whether options that are right each by itself can be wrong together."""
        return bool(cls.__pydantic_decorators__.model_validators)


@dataclass(frozen=True)
class ActiveWhen:
    """Says beside an option that it changes something only while another option has one of some values.

    Written into the option's type: `degree: Annotated[int, ActiveWhen("kernel", ("poly",))]`.
    """

    option: str
    values: tuple[Any, ...]

    def holds(self, options: Mapping[str, Any]) -> bool:
        """Return whether these options, all filled in, let the option change something."""
        return options[self.option] in self.values

    def __str__(self) -> str:
        return f"{self.option} is {' or '.join(str(value) for value in self.values)}"


@dataclass(frozen=True)
class Added:
    """Says beside an option that its class did not have it from the start; its default must never change.

    Labels and documents from before it stay what they are: it is no part of a label while it has its default, and a
    document without it means the default.
    """


class Option:
    """One option of a class by itself: what its values may be, in a plan's JSON."""

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
        """Whether it has no default."""
        return self.field.is_required()

    @property
    def description(self) -> str:
        """What it means."""
        return self.field.description or ""

    @cached_property
    def default(self) -> Any:
        """The value of a plan that does not say it, as JSON."""
        return self._type.dump_python(self.field.get_default(call_default_factory=True), mode="json")

    @cached_property
    def active_when(self) -> tuple[ActiveWhen, ...]:
        """The conditions, all of which must hold, under which it changes something."""
        return tuple(part for part in self.field.metadata if isinstance(part, ActiveWhen))

    @cached_property
    def added(self) -> bool:
        """Whether its class did not have it from the start."""
        return any(isinstance(part, Added) for part in self.field.metadata)

    def is_added(self, value: Any) -> bool:
        """Return whether a value, as JSON, is what a definition meant before there was this option."""
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
        """The words that a value may be, those of every type of a union."""
        return [each for each in _list_literals(self.field.annotation) if isinstance(each, str)]

    def parse(self, value: Any) -> Any:
        """Return a value in its canonical form, as JSON: `1` for a fraction is `1.0`, `2016-1-1` is `2016-01-01`.

        Raises:
            pydantic.ValidationError: another type, or out of range.
        """
        normal = normalise(value, booleans=self._booleans)
        return self._type.dump_python(self._type.validate_python(normal), mode="json")

    def list_values(self, written: Any) -> list[Any]:
        """Return the values to try of what a plan says: a list, or one value by itself.

        Where values are lists themselves, a list without a list inside is one value: `[1, 2]` means `[[1, 2]]`; but
        `[null]` is a list of values, where null is one.
        """
        if not isinstance(written, list):
            return [written]
        values = (list, type(None)) if self.takes_null else list
        if self.takes_list and written and not any(isinstance(value, values) for value in written):
            return [written]
        return written


def _list_types(annotation: Any) -> list[Any]:
    """Return a type and all types that it is made of."""
    return [annotation, *(each for part in get_args(annotation) for each in _list_types(part))]


def _list_literals(annotation: Any) -> Iterator[Any]:
    """Yield the values that a type lists one by one."""
    for each in _list_types(annotation):
        if get_origin(each) is Literal:
            yield from get_args(each)
