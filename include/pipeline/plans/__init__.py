"""Training plans: parse, check, expand, label."""

from pipeline.plans.definition import Definition
from pipeline.plans.errors import Finding, PlanError
from pipeline.plans.expand import check_plan, check_shape, expand
from pipeline.plans.expansion import Expansion
from pipeline.plans.parse import parse_plan, read_plan

__all__ = [
    "Definition",
    "Expansion",
    "Finding",
    "PlanError",
    "check_plan",
    "check_shape",
    "expand",
    "parse_plan",
    "read_plan",
]
