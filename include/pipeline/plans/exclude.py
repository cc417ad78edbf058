"""Reads the rules of a plan's `exclude`."""

from typing import Any

from pydantic import ValidationError

from pipeline.components import Component
from pipeline.components.suggest import suggest
from pipeline.plans.definition import SECTIONS
from pipeline.plans.findings import Findings
from pipeline.plans.limits import MOST_RULES, MOST_VALUES
from pipeline.plans.rule import Rule, parse_all
from pipeline.plans.values import add_wrong_value, has_room
from pipeline.plans.wording import describe, join

A_RULE = 'an object such as {"adapter.name": "Word2VecAdapter", "model.options.kernel": ["poly", "sigmoid"]}'
PATHS = [f"{section}.{rest}" for section in SECTIONS for rest in ("name", "options.OPTION")]


def read_rules(written: Any, findings: Findings) -> list[Rule]:
    """Return the rules of a plan's `exclude` that are right; what is wrong in the others is added to `findings`."""
    if not isinstance(written, list):
        hint = f"write [{describe(written)}]" if isinstance(written, dict) else ""
        findings.add(f"got {describe(written)}", "a list of rules", hint)
        return []
    if not has_room(written, MOST_RULES, "rule", findings):
        return []
    rules = []
    for number, each in enumerate(written):
        here = findings.item(number)
        rule = _read_rule(each, here)
        if here.clean:
            rules.append(rule)
    return rules


def _read_rule(written: Any, findings: Findings) -> Rule:
    """Return a rule with the conditions that are right."""
    if not isinstance(written, dict) or not written:
        findings.add(f"got {describe(written)}", A_RULE)
        return Rule(findings.path, {})
    rule = Rule(findings.path, written)
    parts = {key: key.split(".") if isinstance(key, str) else [] for key in written}
    for key, key_parts in parts.items():  # names first: they say which classes an option may belong to
        match key_parts:
            case [section, "name"] if section in SECTIONS:
                rule.names[section] = _read_names(section, written[key], findings.under(key))
    for key, key_parts in parts.items():
        match key_parts:
            case [section, "name"] if section in SECTIONS:
                pass
            case [section, "options", option] if section in SECTIONS:
                values = _read_values(rule, section, option, written[key], findings.under(key))
                rule.values.setdefault(section, {})[option] = values
            case _:
                near = "" if findings.crowded else _suggest_path(key)  # searching for similar names takes long
                findings.under(key).add("unknown key", f"a condition is one of {join(PATHS)}", near)
    return rule


def _read_names(section: str, written: Any, findings: Findings) -> frozenset[str]:
    """Return the names of a condition on a section's class; each must be the name of a class."""
    family = SECTIONS[section]
    names = written if isinstance(written, list) else [written]
    if not names:
        findings.add("got an empty list", f"one or more of {join(family.classes)}")
    if not has_room(names, MOST_VALUES, "name", findings):
        return frozenset()
    for name in names:
        if not isinstance(name, str) or name not in family.classes:
            findings.add(f"unknown name {describe(name)}", f"one of {family.describe_names()}", family.suggest(name))
    return frozenset(name for name in names if isinstance(name, str))


def _read_values(rule: Rule, section: str, option: str, written: Any, findings: Findings) -> list[Any]:
    """Return the values of a condition on an option; each must be one that a class with this option takes."""
    classes = SECTIONS[section].classes
    meant: list[type[Component]] = [each for name, each in classes.items() if name in rule.names.get(section, classes)]
    options = [known[option] for each in meant if option in (known := each.options_by_name())]
    if not options:
        if meant:
            _add_unknown_option(option, meant, findings)
        return []
    values = options[0].list_values(written)
    if not values:
        findings.add("got an empty list", "one value or more")
    if not has_room(values, MOST_VALUES, "value", findings):
        return []
    for value in values:
        if not any(parse_all(each, [value]) for each in options):
            try:
                options[0].parse(value)
            except (ValidationError, OverflowError) as error:
                add_wrong_value(options[0], value, error, findings, one_of_several=True)
    return values


def _add_unknown_option(option: str, classes: list[type[Component]], findings: Findings) -> None:
    names = {name: None for each in classes for name in each.options_by_name()}
    has = "has" if len(classes) == 1 else "have"
    what = f"{join([each.name for each in classes], ' and ')} {has} no such option"
    findings.add(what, f"known are {join(names)}", suggest(option, names))


def _suggest_path(key: Any) -> str:
    """Return the condition that is nearest to an unknown key, such as one that leaves `options` out."""
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
