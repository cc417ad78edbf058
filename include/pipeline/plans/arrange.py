"""Plans with their keys in the order in which people write them, which a database's JSON does not keep."""

from typing import Any

from pipeline.components.family import Family
from pipeline.plans.contents import PLAN_KEYS
from pipeline.plans.definition import SECTIONS


def arrange_plan(plan: Any) -> Any:
    """Return the same plan with its keys, and the options of each block, in the order of the JSON Schema.

    What is not as a plan has it stays as it is.
    """
    if not isinstance(plan, dict):
        return plan
    arranged = _sort(plan, [*PLAN_KEYS])
    for section, family in SECTIONS.items():
        if section in arranged:
            arranged[section] = _arrange_section(arranged[section], family)
    return arranged


def _arrange_section(section: Any, family: Family[Any]) -> Any:
    if isinstance(section, list):
        return [_arrange_block(block, family) for block in section]
    return _arrange_block(section, family)


def _arrange_block(block: Any, family: Family[Any]) -> Any:
    if not isinstance(block, dict):
        return block
    arranged = _sort(block, ["name", "options"])
    name, options = arranged.get("name"), arranged.get("options")
    if isinstance(name, str) and name in family.classes and isinstance(options, dict):
        arranged["options"] = _sort(options, [*family.classes[name].options_by_name()])
    return arranged


def _sort(found: dict[str, Any], order: list[str]) -> dict[str, Any]:
    """Return an object with its known keys first, in an order, and the others after them."""
    known = {key: found[key] for key in order if key in found}
    return known | {key: value for key, value in found.items() if key not in known}
