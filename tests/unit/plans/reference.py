"""What a plan means, by listing every permutation: slow, and plain enough to be believed."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any

from corpus import make_options
from pipeline.components import Component
from pipeline.errors import OptionError
from pipeline.options import ActiveWhen
from pipeline.plans import Definition
from pipeline.plans.definition import SECTIONS

SPAN = {"start_datetime_str": "0001-1-1", "end_datetime_str": "9999-12-31"}


@dataclass
class Meaning:
    """What is known of a plan once it is listed."""

    permutations: int = 0
    excluded: list[int] = field(default_factory=list)
    repeated: int = 0
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: bool = False

    @property
    def duplicates(self) -> dict[str, str]:
        """For each definition that trains what an earlier one trains, that one's label."""
        first: dict[str, str] = {}
        found = {
            label: first.setdefault(_write(_leave_out_inert(each)), label) for label, each in self.definitions.items()
        }
        return {label: original for label, original in found.items() if label != original}


def list_all(plan: dict[str, Any]) -> Meaning:
    """Return what a plan of known names and possible values means, its sample left aside."""
    exclude = plan.get("exclude", [])
    meaning = Meaning(excluded=[0] * len(exclude))
    for parts in product(*(_list_parts(section, plan[section]) for section in SECTIONS)):
        meaning.permutations += 1
        definition = dict(zip(SECTIONS, parts, strict=True))
        matching = [number for number, rule in enumerate(exclude) if _matches(definition, rule)]
        if matching:
            meaning.excluded[matching[0]] += 1
        elif (label := make_label(definition)) in meaning.definitions:
            meaning.repeated += 1
        else:
            meaning.definitions[label] = definition
    count = len(meaning.definitions) if plan.get("sample") is None else min(plan["sample"], len(meaning.definitions))
    meaning.refused = not 1 <= count <= plan.get("max_definitions", 1_000) or any(
        _is_broken(definition) for definition in meaning.definitions.values()
    )
    return meaning


def make_label(definition: dict[str, Any]) -> str:
    """Return a definition's label, made from its text in one go."""
    adapter, model = (SECTIONS[section].classes[definition[section]["name"]] for section in ("adapter", "model"))
    digest = hashlib.sha256(_write(definition).encode()).hexdigest()
    return f"{adapter.short_name}-{model.short_name}-{digest[:12]}"


def _list_parts(section: str, written: Any) -> list[dict[str, Any]]:
    """Return a section's blocks with one value for every option, in the plan's order."""
    parts = []
    for block in written if isinstance(written, list) else [written]:
        component: type[Component] = SECTIONS[section].classes[block["name"]]
        names = sorted(block.get("options", {}))
        lists = [_list_values(component, name, block["options"][name]) for name in names]
        for chosen in product(*lists):
            options = {name: fill_in(component, name, value) for name, value in zip(names, chosen, strict=True)}
            parts.append({"name": block["name"], "options": _defaults(component) | options})
    return parts


def _list_values(component: type[Component], name: str, written: Any) -> list[Any]:
    if not isinstance(written, list):
        return [written]
    is_one = _is_list(component, name) and not any(isinstance(value, list) for value in written)
    return [written] if is_one else written


@cache
def _is_list(component: type[Component], name: str) -> bool:
    schema: dict[str, Any] = component.Options.model_json_schema()["properties"][name]
    return schema.get("type") == "array"


def fill_in(component: type[Component], name: str, value: Any) -> Any:
    """Return a value as a component with otherwise good options says it."""
    return _fill_in(component, name, json.dumps(value))


@cache
def _fill_in(component: type[Component], name: str, value: str) -> Any:
    return _dump(component, {name: json.loads(value)})[name]


@cache
def _defaults(component: type[Component]) -> dict[str, Any]:
    return _dump(component, {})


def _dump(component: type[Component], options: dict[str, Any]) -> dict[str, Any]:
    good = make_options(component)
    good |= {name: value for name, value in SPAN.items() if name in good}
    dumped: dict[str, Any] = component(**(good | options)).options.model_dump(mode="json")
    return dumped


def _matches(definition: dict[str, Any], rule: dict[str, Any]) -> bool:
    return all(_meets(definition, condition, wanted) for condition, wanted in rule.items())


def _meets(definition: dict[str, Any], condition: str, wanted: Any) -> bool:
    section, *path = condition.split(".")
    block = definition[section]
    if path == ["name"]:
        return block["name"] in (wanted if isinstance(wanted, list) else [wanted])
    option = path[1]
    if option not in block["options"]:
        return False
    component = SECTIONS[section].classes[block["name"]]
    for value in _list_values(component, option, wanted):
        try:
            if _write(fill_in(component, option, value)) == _write(block["options"][option]):
                return True
        except OptionError:
            continue  # a value of another class's option of that name
    return False


def _is_broken(definition: dict[str, Any]) -> bool:
    try:
        made = Definition.from_dict(definition)
    except OptionError:
        return True
    return made.adapter.gives_negative and not made.model.takes_negative


def _leave_out_inert(definition: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for section, block in definition.items():
        fields = SECTIONS[section].classes[block["name"]].Options.model_fields
        found[section] = {"name": block["name"]} | {
            name: value
            for name, value in block["options"].items()
            if all(
                block["options"][part.option] in part.values
                for part in fields[name].metadata
                if isinstance(part, ActiveWhen)
            )
        }
    return found


def _write(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
