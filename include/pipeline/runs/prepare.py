"""A plan made ready for a run: checked against the databases, with the models that need not be trained again."""

from typing import TYPE_CHECKING, Any

from pipeline.plans.errors import Finding, PlanError
from pipeline.plans.expand import expand
from pipeline.plans.expansion import Expansion
from pipeline.runs.stored import look_at_examples, reuse_models

if TYPE_CHECKING:
    from pipeline.stores.examples.survey import ExamplesSurvey
    from pipeline.stores.models.store import ModelsStore


def prepare(plan: Any, survey: "ExamplesSurvey", models: "ModelsStore", most: int | None = None) -> Expansion:
    """Return what a plan means in a run that begins now.

    Args:
        most: how many definitions one run can train; no limit where nothing is given.

    Raises:
        PlanError: with everything that is wrong in the plan.
    """
    expansion = reuse_models(look_at_examples(expand(plan, survey), survey), models)
    require_room(expansion, most)
    return expansion


def require_room(expansion: Expansion, most: int | None) -> None:
    """Refuse more definitions to train than one run can take.

    Raises:
        PlanError: there are more than `most`.
    """
    count = len(expansion.to_train)
    if most is not None and count > most:
        hint = '"exclude" or "sample" some, or split the plan into several runs'
        raise PlanError([Finding("max_definitions", f"{count:,} to train", f"one run takes at most {most:,}", hint)])
