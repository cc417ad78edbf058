"""Checks that the examples that a plan selects exist. The store is passed in: plans do not depend on stores."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from pipeline.datasets.base import Dataset
from pipeline.datetimes import canonical_datetime
from pipeline.examples.example import Selection
from pipeline.plans.errors import Finding


class Survey(Protocol):
    """Counts examples without opening them, such as `ExamplesSurvey` of the examples store."""

    def count(self, selections: Sequence[Selection]) -> list[int]:
        """Return how many examples each selection has, in the order of the selections."""
        ...

    def spans(self) -> dict[str, tuple[datetime, datetime]]:
        """Return for each collection with examples when the first and the last of them occurred (UTC)."""
        ...


def find_empty_selections(datasets: Iterable[tuple[str, Dataset]], survey: Survey) -> list[Finding]:
    """Return a finding for each selection that has no example.

    Args:
        datasets: each with the path of its block in the plan; the first one with a selection gives the path.
    """
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
            _describe_collections(selection.collection, spans),
            "see `pipeline examples stats`",
        )
        for selection in empty
    ]


def _write(moment: datetime) -> str:
    return canonical_datetime(moment.isoformat())


def _describe_collections(collection: str, spans: dict[str, tuple[datetime, datetime]]) -> str:
    """Return the span of a collection, or which collections there are."""
    if collection in spans:
        first, last = spans[collection]
        return f"its first example is of {_write(first)}, its last of {_write(last)}"
    return f"collections with examples: {', '.join(spans)}" if spans else "there are no examples at all"
