"""One labelled text, and many of them held by column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pipeline.examples.moments import Moments

COLLECTION_PATTERN = r"^[\w.:/-]{1,100}$"
"""What a collection may be called."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text and when it occurred (UTC)."""

    text: str = field(repr=False)  # a traceback must not show it
    classification: str = field(repr=False)
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ExampleSet:
    """Examples by column, all columns of one length, oldest first.

    Examples of one moment are in an order drawn by their texts (`pipeline.examples.ties`): it is the same in every
    process and for every order in which they were loaded, and knows nothing of the classes.
    `digests` are the rows' keyed digests: they identify what was used without saying what it says.
    """

    texts: Sequence[str] = field(repr=False)
    classifications: Sequence[str] = field(repr=False)
    occurred_at: Sequence[datetime]
    digests: Sequence[bytes] = field(repr=False)

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[Example]:
        return (Example(*row) for row in zip(self.texts, self.classifications, self.occurred_at, strict=True))

    def __getitem__(self, rows: slice) -> "ExampleSet":
        return ExampleSet(self.texts[rows], self.classifications[rows], self.occurred_at[rows], self.digests[rows])

    def take(self, rows: Sequence[int]) -> "ExampleSet":
        """Return the examples at some places, which are in ascending order."""
        return ExampleSet(
            [self.texts[row] for row in rows],
            [self.classifications[row] for row in rows],
            self.occurred_at.take(rows)
            if isinstance(self.occurred_at, Moments)
            else [self.occurred_at[row] for row in rows],
            [self.digests[row] for row in rows],
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """Which examples: those of a collection that occurred in [start, end)."""

    collection: str
    start: datetime
    end: datetime


class ExampleSource(Protocol):
    """Where datasets get their examples from: the examples database, or a list in a test."""

    def fetch(self, selection: Selection) -> ExampleSet:
        """Return the examples of a selection, in the order of an `ExampleSet`."""
        ...
