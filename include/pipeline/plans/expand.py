"""From a plan to its definitions."""

from itertools import product
from typing import Any

from pipeline.plans.check import check_plan
from pipeline.plans.definition import SECTIONS, Definition
from pipeline.plans.errors import PlanError
from pipeline.plans.permute import permute


def expand(plan: Any) -> list[Definition]:
    """Return a plan's definitions, one a distinct recipe, in the plan's order.

    Raises:
        PlanError: with everything that is wrong in the plan.
    """
    findings = check_plan(plan)
    if findings:
        raise PlanError(findings)
    parts = (
        [registry[plan[section]["name"]](**options) for options in permute(plan[section].get("options", {}))]
        for section, registry in SECTIONS.items()
    )
    definitions = (Definition(*permutation) for permutation in product(*parts))
    return list({definition.label: definition for definition in definitions}.values())
