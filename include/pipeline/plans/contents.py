"""The contents of a plan: its blocks, rules and settings, as far as they are right."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from pipeline.components.options import Option
from pipeline.plans.blocks import Block, read_section
from pipeline.plans.definition import SECTIONS
from pipeline.plans.exclude import read_rules
from pipeline.plans.findings import Findings
from pipeline.plans.limits import LONGEST_ADDRESS
from pipeline.plans.rule import Rule
from pipeline.plans.settings import PARTS, SETTINGS, Settings
from pipeline.plans.values import add_wrong_value, find_unknown_keys
from pipeline.plans.wording import describe, join

SCHEMA_KEY = "$schema"
"""Where editors look for a file's JSON Schema; the product does not use it."""

PLAN_KEYS = (*SECTIONS, "exclude", *SETTINGS)


@dataclass(frozen=True)
class Contents:
    """What a plan contains, without what is wrong in it.

    Args:
        sections: the blocks of each section.
        rules: the rules of `exclude`.
        settings: the settings; None if one is wrong.
        rules_complete: whether no rule is wrong.
        complete: whether nothing is wrong.
    """

    sections: list[list[Block]]
    rules: list[Rule]
    settings: Settings | None
    rules_complete: bool
    complete: bool


def read_contents(plan: Any, findings: Findings) -> Contents | None:
    """Return what a plan contains, or None if it is empty or not an object.

    Args:
        findings: what is wrong in the plan is added to it.
    """
    if not isinstance(plan, dict):
        findings.under("plan").add(f"got {describe(plan)}", f"an object with {join(SECTIONS)}")
        return None
    if not plan:
        hint = "the trigger form shows one, and `pipeline plan schema` prints what it can contain"
        findings.under("plan").add("there is none", f"an object with {join(SECTIONS)}", hint)
        return None
    _check_address(plan, Findings(SCHEMA_KEY, findings))
    plan = {key: value for key, value in plan.items() if key != SCHEMA_KEY}
    find_unknown_keys(plan, PLAN_KEYS, findings)
    sections: list[list[Block]] = []
    for section, family in SECTIONS.items():
        here = findings.under(section)
        if section in plan:
            sections.append(read_section(section, plan[section], family, here))
        else:
            sections.append([])
            here.add("missing", 'a section such as {"name": …, "options": {…}}')
    exclude = findings.under("exclude")
    rules = read_rules(plan.get("exclude", []), exclude)
    settings = _read_settings(plan, Findings(around=findings))
    return Contents(sections, rules, settings, exclude.clean, findings.clean)


def _check_address(plan: dict[str, Any], findings: Findings) -> None:
    address = plan.get(SCHEMA_KEY, "")
    if not isinstance(address, str) or len(address) > LONGEST_ADDRESS:
        allowed = f"the address of a JSON Schema, a text of at most {LONGEST_ADDRESS:,} characters"
        findings.add(f"got {describe(address)}", allowed, "leave it out")


def _read_settings(plan: dict[str, Any], findings: Findings) -> Settings | None:
    """Return the settings of a plan, or None if one is wrong."""
    found = {}
    for name, option in SETTINGS.items():
        if name in plan:
            found[name] = _read_setting(option, plan[name], PARTS.get(name, {}), findings.under(name))
    return Settings(**found) if findings.clean else None


def _read_setting(option: Option, written: Any, parts: Mapping[str, Option], findings: Findings) -> Any:
    """Return the value of a setting, or None if it is wrong; the keys of an object are read one by one.

    An empty object is wrong: Airflow's trigger form shows it for null.
    """
    if parts and isinstance(written, dict) and written:
        find_unknown_keys(written, parts, findings)
        return {
            key: _read_setting(part, written[key], {}, findings.under(key))
            for key, part in parts.items()
            if key in written
        }
    if parts and written is not None:
        example = json.dumps({key: part.default for key, part in parts.items()})
        findings.add(f"got {describe(written)}", f"an object such as {example}, or null")
        return None
    try:
        return option.parse(written)
    except (ValidationError, OverflowError) as error:
        add_wrong_value(option, written, error, findings)
        return None
