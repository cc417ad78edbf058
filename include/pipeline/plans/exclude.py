"""Rules that drop permutations: partial matches of definitions."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from pipeline.components import Component
from pipeline.components.options import Option, canonical_json
from pipeline.components.suggest import suggest
from pipeline.plans.blocks import Block, explain_value, has_room
from pipeline.plans.definition import SECTIONS
from pipeline.plans.errors import MOST_PRINTED, Finding
from pipeline.plans.limits import MOST_RULES, MOST_VALUES
from pipeline.plans.wording import describe, join, place

A_RULE = 'an object such as {"adapter.name": "Word2VecAdapter", "model.options.kernel": ["poly", "sigmoid"]}'
PATHS = [f"{section}.{rest}" for section in SECTIONS for rest in ("name", "options.OPTION")]


@dataclass(frozen=True)
class Rule:
    """One rule: it drops every permutation that meets all of its conditions.

    Args:
        path: where it stands in the plan: `exclude[0]`.
        written: the rule as the plan says it.
        names: for a section, the names that meet the condition on it.
        values: for a section, and there for an option, the values that meet the condition, as the plan says them.
    """

    path: str
    written: dict[str, Any]
    names: dict[str, frozenset[str]] = field(default_factory=dict)
    values: dict[str, dict[str, list[Any]]] = field(default_factory=dict)

    def restrict(self, block: Block) -> dict[str, frozenset[str]] | None:
        """Return the canonical values of a block's options that meet this rule, or nothing where none can."""
        section, component = block.section, block.component
        if component.name not in self.names.get(section, {component.name}):
            return None
        options = component.options_by_name()
        meant = {}
        for name, values in self.values.get(section, {}).items():
            if name not in options:
                return None
            meant[name] = frozenset(canonical_json(each) for each in _parse_all(options[name], values))
        return meant


def read_rules(written: Any, findings: list[Finding]) -> list[Rule]:
    """Return the rules of a plan's `exclude` that are right; what is wrong in the others is added to `findings`."""
    if not isinstance(written, list):
        hint = f"write [{describe(written)}]" if isinstance(written, dict) else ""
        findings.append(Finding("exclude", f"got {describe(written)}", "a list of rules", hint))
        return []
    if not has_room("exclude", written, MOST_RULES, "rule", findings):
        return []
    rules = []
    for number, each in enumerate(written):
        wrong: list[Finding] = []
        # nobody reads so many hints, and looking for near names takes long
        rule = _read_rule(f"exclude[{number}]", each, wrong, hint=len(findings) < MOST_PRINTED)
        findings += wrong
        if not wrong:
            rules.append(rule)
    return rules


def _read_rule(path: str, written: Any, findings: list[Finding], *, hint: bool) -> Rule:
    if not isinstance(written, dict) or not written:
        findings.append(Finding(path, f"got {describe(written)}", A_RULE))
        return Rule(path, {})
    rule = Rule(path, written)
    parts = {key: key.split(".") if isinstance(key, str) else [] for key in written}
    for key, key_parts in parts.items():  # names first: they say which classes an option may belong to
        match key_parts:
            case [section, "name"] if section in SECTIONS:
                rule.names[section] = _read_names(place(path, key), section, written[key], findings)
    for key, key_parts in parts.items():
        match key_parts:
            case [section, "name"] if section in SECTIONS:
                pass
            case [section, "options", option] if section in SECTIONS:
                values = _read_values(place(path, key), rule, section, option, written[key], findings)
                rule.values.setdefault(section, {})[option] = values
            case _:
                allowed = f"a condition is one of {join(PATHS)}"
                near = _suggest_path(key) if hint and len(findings) < MOST_PRINTED else ""
                findings.append(Finding(place(path, key), "unknown key", allowed, near))
    return rule


def _read_names(path: str, section: str, written: Any, findings: list[Finding]) -> frozenset[str]:
    family = SECTIONS[section]
    names = written if isinstance(written, list) else [written]
    if not names:
        findings.append(Finding(path, "got an empty list", f"one or more of {join(family.classes)}"))
    if not has_room(path, names, MOST_VALUES, "name", findings):
        return frozenset()
    for name in names:
        if not isinstance(name, str) or name not in family.classes:
            what = f"unknown name {describe(name)}"
            findings.append(Finding(path, what, f"one of {family.tell_names()}", family.suggest(name)))
    return frozenset(name for name in names if isinstance(name, str))


def _read_values(path: str, rule: Rule, section: str, option: str, written: Any, findings: list[Finding]) -> list[Any]:
    """Return the values of a condition on an option; each must be one that some class meant takes."""
    classes = SECTIONS[section].classes
    meant: list[type[Component]] = [each for name, each in classes.items() if name in rule.names.get(section, classes)]
    options = [known[option] for each in meant if option in (known := each.options_by_name())]
    if not options:
        if meant:
            names = {name: None for each in meant for name in each.options_by_name()}
            what = (
                f"{join([each.name for each in meant], ' and ')} {'has' if len(meant) == 1 else 'have'} no such option"
            )
            findings.append(Finding(path, what, f"known are {join(names)}", suggest(option, names)))
        return []
    values = options[0].list_values(written)
    if not values:
        findings.append(Finding(path, "got an empty list", "one value or more"))
    if not has_room(path, values, MOST_VALUES, "value", findings):
        return []
    for value in values:
        if not any(_parse_all(each, [value]) for each in options):
            try:
                options[0].parse(value)
            except (ValidationError, OverflowError) as error:
                findings.append(explain_value(path, options[0], value, error))
    return values


def _parse_all(option: Option, values: list[Any]) -> list[Any]:
    """Return the values that an option takes, in canonical form; another class's option may take the others."""
    found = []
    for value in values:
        try:
            found.append(option.parse(value))
        except (ValidationError, OverflowError):
            continue
    return found


def _suggest_path(key: Any) -> str:
    """Return the nearest condition to a key that is none, such as one that leaves `options` out."""
    parts = key.split(".") if isinstance(key, str) else []
    if len(parts) == 2 and parts[0] in SECTIONS and parts[1] == "options":
        return f"write {key}.OPTION with the name of one option"
    if len(parts) == 2 and parts[0] in SECTIONS:
        return f"did you mean {parts[0]}.options.{parts[1]}?"
    names = [f"{section}.name" for section in SECTIONS]
    known = [
        f"{section}.options.{option}"
        for section, family in SECTIONS.items()
        for component in family.classes.values()
        for option in component.options_by_name()
    ]
    return suggest(key, [*names, *known])
