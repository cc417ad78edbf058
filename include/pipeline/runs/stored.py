"""What the databases hold already: the examples that a plan asks for, and models that stand for its definitions."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.datasets.base import Dataset
from pipeline.datetimes import canonical_datetime
from pipeline.examples.example import Selection
from pipeline.plans.errors import Finding
from pipeline.plans.expansion import Expansion

if TYPE_CHECKING:
    from pipeline.stores.examples.survey import ExamplesSurvey
    from pipeline.stores.models.store import ModelsStore


def find_empty_selections(datasets: Iterable[tuple[str, Dataset]], survey: "ExamplesSurvey") -> list[Finding]:
    """Return a finding for each selection of examples that holds none; datasets come with their path in the plan."""
    paths: dict[Selection, str] = {}
    for path, dataset in datasets:
        for selection in dataset.selections:
            paths.setdefault(selection, path)
    empty = [selection for selection, count in zip(paths, survey.count([*paths]), strict=True) if not count]
    spans = survey.spans() if empty else {}
    return [
        Finding(
            f"{paths[selection]}.options",
            f"collection {selection.collection!r} holds no examples from {_write(selection.start)} "
            f"up to {_write(selection.end)}",
            _tell_what_is_there(selection, spans),
            "`pipeline examples stats` tells more",
        )
        for selection in empty
    ]


def look_at_examples(expansion: Expansion, survey: "ExamplesSurvey") -> Expansion:
    """Return the expansion with the digest of the examples that each of its datasets selects now."""
    datasets = {each.dataset.canonical: each.dataset for each in expansion.definitions}
    return replace(expansion, examples=dict(zip(datasets, survey.digest(datasets.values()), strict=True)))


def reuse_models(expansion: Expansion, models: "ModelsStore") -> Expansion:
    """Return the expansion with the models that are stored already, where the plan wants them reused.

    A model stands for a definition when it was trained on the same examples with the same seed.

    Args:
        expansion: what `look_at_examples` returned.
    """
    if expansion.settings.on_existing != "reuse":
        return expansion
    wanted = {each.label: expansion.examples[each.dataset.canonical] for each in expansion.definitions}
    return expansion.reuse(models.find_stored(wanted, expansion.settings.seed))


def _write(moment: datetime) -> str:
    return canonical_datetime(moment.isoformat())


def _tell_what_is_there(selection: Selection, spans: dict[str, tuple[datetime, datetime]]) -> str:
    if selection.collection in spans:
        first, last = spans[selection.collection]
        return f"its first example is of {_write(first)}, its last of {_write(last)}"
    return f"collections with examples: {', '.join(spans)}" if spans else "there are no examples at all"
