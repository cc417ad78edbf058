"""Find everything that is wrong in a plan before anything runs."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from pipeline.components import Component, explain, normalise_number
from pipeline.errors import OptionError
from pipeline.plans.definition import SECTIONS
from pipeline.plans.errors import Finding
from pipeline.plans.permute import count_permutations, permute
from pipeline.registry import Registry, suggest

MAX_DEFINITIONS = 1_000
BLOCK_KEYS = ("name", "options")


def check_plan(plan: Any) -> list[Finding]:
    """Return all that is wrong in a plan, in the plan's order; an empty list means that it can be expanded."""
    if not isinstance(plan, dict):
        return [Finding("plan", f"got {describe(plan)}", f"an object with {join(SECTIONS)}")]
    findings = [*_unknown_keys("", plan, SECTIONS)]
    for section, registry in SECTIONS.items():
        if section not in plan:
            findings.append(Finding(section, "missing", 'a section such as {"name": …, "options": {…}}'))
        else:
            findings += _check_block(section, plan[section], registry)
    if not findings:
        count = count_permutations(plan)
        if count > MAX_DEFINITIONS:
            findings.append(
                Finding("plan", f"{count:,} permutations", f"at most {MAX_DEFINITIONS:,}", "shorten some lists")
            )
    if not findings:
        for section, registry in SECTIONS.items():
            findings += _check_rules(section, plan[section], registry)
    return findings


def _check_block(section: str, block: Any, registry: Registry[Any]) -> Iterator[Finding]:
    """Check a section's keys, name, and each value of each option by itself."""
    if not isinstance(block, dict):
        yield Finding(section, f"got {describe(block)}", 'an object such as {"name": …, "options": {…}}')
        return
    yield from _unknown_keys(f"{section}.", block, BLOCK_KEYS)
    name = block.get("name")
    component = registry.classes.get(name) if isinstance(name, str) else None
    if "name" not in block:
        yield Finding(f"{section}.name", "missing", f"one of {join(registry.classes)}")
    elif component is None:
        allowed = f"one of {join(registry.classes)}"
        yield Finding(f"{section}.name", f"unknown name {describe(name)}", allowed, registry.suggest(name))
    options = block.get("options", {})
    if not isinstance(options, dict):
        yield Finding(f"{section}.options", f"got {describe(options)}", "an object with a list for every option")
    elif component is not None:
        yield from _check_options(f"{section}.options", options, component)


def _check_options(path: str, options: dict[str, Any], component: type[Component]) -> Iterator[Finding]:
    fields = component.Options.model_fields
    yield from _unknown_keys(f"{path}.", options, fields)
    for name, field in fields.items():
        if name not in options:
            if field.is_required():
                yield Finding(f"{path}.{name}", "missing", f"a list; {field.description}")
            continue
        values = options[name]
        if not isinstance(values, list):
            hint = f"write [{describe(values)}]" if not isinstance(values, dict) else ""
            yield Finding(f"{path}.{name}", f"got {describe(values)}", "a list of values to try", hint)
        elif not values:
            yield Finding(f"{path}.{name}", "got an empty list", "at least one value to try")
        else:
            yield from _check_values(f"{path}.{name}", values, field)


def _check_values(path: str, values: list[Any], field: FieldInfo) -> Iterator[Finding]:
    declared: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    adapter: TypeAdapter[Any] = TypeAdapter(declared, config=ConfigDict(strict=True, allow_inf_nan=False))
    for index, value in enumerate(values):
        try:
            adapter.validate_python(normalise_number(value))
        except ValidationError as error:
            suggestion = suggest(value, _choices(field.annotation)) if isinstance(value, str) else ""
            yield Finding(
                f"{path}[{index}]", f"got {describe(value)}", explain(error.errors(include_url=False)), suggestion
            )


def _check_rules(section: str, block: dict[str, Any], registry: Registry[Any]) -> Iterator[Finding]:
    """Check rules across options; each broken rule is told once, with the first permutation that breaks it."""
    told: set[str] = set()
    for options in permute(block.get("options", {})):
        try:
            registry[block["name"]].parse_options(options)
        except OptionError as error:
            if error.what not in told:
                told.add(error.what)
                yield Finding(f"{section}.options", error.what, error.allowed, error.next_step)


def _unknown_keys(prefix: str, found: dict[str, Any], known: Any) -> Iterator[Finding]:
    for key in found:
        if key not in known:
            yield Finding(f"{prefix}{key}", "unknown key", f"known are {join(known)}", suggest(key, known))


def _choices(annotation: Any) -> list[str]:
    """Return the words that a value may be, those of every type of a union."""
    if isinstance(annotation, str):
        return [annotation]
    return [choice for part in get_args(annotation) for choice in _choices(part)]


def join(names: Any) -> str:
    """Return names as a person lists them."""
    return ", ".join(names)


def describe(value: Any) -> str:
    """Return a JSON value as it would be written, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"
