"""What a plan means, by listing every permutation: slow, and plain enough to be believed."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any

from pydantic import ValidationError, create_model

from corpus import make_options
from pipeline.components import Component
from pipeline.components.options import ActiveWhen, Added, OptionSchema
from pipeline.errors import OptionError
from pipeline.plans import Definition
from pipeline.plans.definition import SECTIONS


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
    told = {section: _leave_out_added(section, block) for section, block in definition.items()}
    digest = hashlib.sha256(_write(told).encode()).hexdigest()
    return f"{adapter.short_name}-{model.short_name}-{digest[:12]}"


def _leave_out_added(section: str, block: dict[str, Any]) -> dict[str, Any]:
    """Return a block without what its class did not have at first, where that has its default."""
    if block["name"] == "UnionAdapter":
        parts = [_leave_out_added("adapter", part) for part in block["options"]["adapters"]]
        return {"name": block["name"], "options": {"adapters": parts}}
    fields = SECTIONS[section].classes[block["name"]].Options.model_fields
    added = {name for name, field in fields.items() if any(isinstance(part, Added) for part in field.metadata)}
    options = {
        name: value for name, value in block["options"].items() if name not in added or value != fields[name].default
    }
    return {"name": block["name"], "options": options}


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
    kinds = _list_kinds(component, name)
    several = any(isinstance(value, list) or (value is None and "null" in kinds) for value in written)
    return [written] if "array" in kinds and not several else written


@cache
def _list_kinds(component: type[Component], name: str) -> set[str]:
    schema: dict[str, Any] = component.Options.model_json_schema()["properties"][name]
    return {branch.get("type") for branch in schema.get("anyOf", [schema])}


def fill_in(component: type[Component], name: str, value: Any) -> Any:
    """Return a value as a component says it whose other options go with it."""
    return _fill_in(component, name, json.dumps(value))


@cache
def _fill_in(component: type[Component], name: str, value: str) -> Any:
    return _dump(component, {name: json.loads(value)})[name]


@cache
def _defaults(component: type[Component]) -> dict[str, Any]:
    return _dump(component, {})


def _dump(component: type[Component], options: dict[str, Any]) -> dict[str, Any]:
    return _without_rules(component).model_validate(make_options(component) | options).model_dump(mode="json")


@cache
def _without_rules(component: type[Component]) -> type[OptionSchema]:
    """Return a class's options as if each went with all values of the others."""
    fields: dict[str, Any] = {name: (field.annotation, field) for name, field in component.Options.model_fields.items()}
    return create_model("WithoutRules", __base__=OptionSchema, **fields)


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
        except ValidationError:
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
