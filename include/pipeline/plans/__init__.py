"""Training plans: parse, check, expand, label."""

from pipeline.plans.check import check_plan
from pipeline.plans.definition import Definition
from pipeline.plans.errors import Finding, PlanError
from pipeline.plans.expand import expand
from pipeline.plans.parse import parse_plan, read_plan

__all__ = ["Definition", "Finding", "PlanError", "check_plan", "expand", "parse_plan", "read_plan"]
