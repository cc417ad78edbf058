"""The parts of a union of adapters, as its option describes them."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema

from pipeline.adapters import adapters
from pipeline.adapters.base import Adapter
from pipeline.components.options import explain
from pipeline.components.suggest import suggest
from pipeline.errors import OptionError

UNION = "UnionAdapter"
KEYS = ("name", "options")
EXAMPLE = {"name": "TfidfAdapter", "options": {"analyzer": "char_wb", "ngram_range": [2, 4]}}
A_PART = 'a part is a name or {"name": …, "options": {…}}'
_MOST_TOLD = 3  # of one part
_LONGEST_KEY = 40


def list_possible() -> dict[str, type[Adapter]]:
    """Return the classes that can be parts, by name: every adapter except the union."""
    return {name: each for name, each in adapters.classes.items() if name != UNION}


def read_part(written: Any) -> dict[str, Any]:
    """Return a part in its canonical form: its name and every option.

    Raises:
        ValueError: names everything that is wrong with it.
    """
    block = {"name": written} if isinstance(written, str) else written
    if not isinstance(block, dict) or "name" not in block or not block.keys() <= set(KEYS):
        raise ValueError(A_PART)
    name, options = block["name"], block.get("options", {})
    possible = list_possible()
    if not isinstance(name, str) or name not in possible:
        what = "a union has no union inside" if name == UNION else "unknown name"
        hint = suggest(name, possible) if name != UNION else ""
        raise ValueError("; ".join(part for part in (what, f"one of {', '.join(possible)}", hint) if part))
    if not isinstance(options, dict):
        raise ValueError(f"options of {name}: an object with one value an option")  # noqa: TRY004 - pydantic's way
    wrong = [*_find_wrong(possible[name], options)]
    if wrong:
        rest = f"; and {len(wrong) - _MOST_TOLD} more like these" if len(wrong) > _MOST_TOLD else ""
        raise ValueError("; ".join(f"options of {name}: {each}" for each in wrong[:_MOST_TOLD]) + rest)
    try:
        return possible[name](**options).block
    except OptionError as error:  # a rule across options
        raise ValueError(f"options of {name}: {error.what}") from None


def _find_wrong(component: type[Adapter], options: dict[str, Any]) -> Iterator[str]:
    """Yield a phrase for each option that is unknown, missing, or has a value that is not allowed."""
    known = component.options_by_name()
    for name, value in options.items():
        if name not in known:
            hint = suggest(name, known)
            key = repr(str(name)[:_LONGEST_KEY])
            yield f"{key} is unknown, known are {', '.join(known)}" + (f", {hint}" if hint else "")
            continue
        option = known[name]
        try:
            option.parse(value)
        except (ValidationError, OverflowError) as error:
            allowed = explain(error.errors(include_url=False)) if isinstance(error, ValidationError) else "out of range"
            more = ", one value and no list of values" if isinstance(value, list) and not option.takes_list else ""
            yield f"{name}: {allowed}{' or null' if option.takes_null else ''}{more}"
    yield from (f"{name} is missing" for name, option in known.items() if option.required and name not in options)


class _PartSchema:
    """Makes the JSON Schema of a part on demand, when all adapters are known."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        possible = list_possible()
        names = [*possible]
        block = {
            "type": "object",
            "properties": {"name": {"type": "string", "enum": names}, "options": {"type": "object"}},
            "propertyNames": {"enum": [*KEYS]},
            "allOf": [{"required": ["name"]}, *(_class_schema(*each) for each in possible.items())],
            "examples": [EXAMPLE],
        }
        # if/then/else reports what is wrong with a part; anyOf would only report that neither form matches
        by_name = {"if": {"type": "string"}, "then": {"type": "string", "enum": names}, "else": block}
        return {"type": ["string", "object"], "minLength": 1, **by_name}


def _class_schema(name: str, component: type[Adapter]) -> dict[str, Any]:
    options = component.options_by_name()
    required = [each for each, option in options.items() if option.required]
    schema = {
        "properties": {each: option.schema for each, option in options.items()},
        "propertyNames": {"enum": [*options]},
        "allOf": [{"required": required}],
    }
    return {
        "if": {"properties": {"name": {"const": name}}, "required": ["name"]},
        "then": {"properties": {"options": schema}, "allOf": [{"required": ["options"] if required else []}]},
    }


UnionPart = Annotated[dict[str, Any], BeforeValidator(read_part), _PartSchema()]
