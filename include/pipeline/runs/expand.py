"""What a plan means in a run that begins now: expanded, and compared with the contents of the databases."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.plans import Expansion, Finding, PlanError, expand

if TYPE_CHECKING:
    from pipeline.stores.examples.survey import ExamplesSurvey
    from pipeline.stores.models.store import ModelsStore


def expand_for_run(
    plan: Any,
    survey: "ExamplesSurvey",
    models: "ModelsStore",
    most: int | None = None,
    now: datetime | None = None,
) -> Expansion:
    """Return what a plan means in a run that begins now, with the digests of its examples and the models it reuses.

    Args:
        most: how many definitions one run can train; None means any number.
        now: what `now` means in the plan, when the run was triggered; by default the current time.

    Raises:
        PlanError: with everything that is wrong in the plan.
        DatabaseUnavailableError: a database does not answer.
    """
    expansion = reuse_models(add_digests(expand(plan, survey, now=now), survey), models)
    require_room(expansion, most)
    return expansion


def add_digests(expansion: Expansion, survey: "ExamplesSurvey") -> Expansion:
    """Return the expansion with the digest of the examples that each of its datasets selects now."""
    datasets = {each.dataset.canonical: each.dataset for each in expansion.definitions}
    return replace(expansion, examples=dict(zip(datasets, survey.digest(datasets.values()), strict=True)))


def reuse_models(expansion: Expansion, models: "ModelsStore") -> Expansion:
    """Return the expansion with stored models in place of definitions, if the plan wants them reused.

    A model takes the place of a definition if it was trained with the same seed on examples of the same digest.
    """
    if expansion.settings.on_existing != "reuse":
        return expansion
    wanted = {each.label: expansion.examples[each.dataset.canonical] for each in expansion.definitions}
    settings = expansion.settings
    return expansion.reuse(models.find_stored(wanted, settings.seed, settings.metric))


def require_room(expansion: Expansion, most: int | None) -> None:
    """Refuse more definitions to train than one run can take.

    Raises:
        PlanError: there are more than `most`.
    """
    count = len(expansion.to_train)
    if most is not None and count > most:
        hint = '"exclude" or "sample" some, or split the plan into several runs'
        raise PlanError([Finding("max_definitions", f"{count:,} to train", f"one run takes at most {most:,}", hint)])
