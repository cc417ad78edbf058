"""Counts of examples for those who wait for them: as many as are known within a second."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from pipeline.datasets.base import Dataset
from pipeline.errors import DatabaseUnavailableError
from pipeline.examples.example import Selection
from pipeline.stores.database import Database
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.stores.limited import LimitedDatabase

NO_CONNECTION: Final = "Airflow's API server has no connection `registry_examples_db`, so it counts no examples"


class PatientSurvey(ExamplesSurvey):
    """Counts each selection once; one that cannot be counted is taken for one that has examples.

    Attributes:
        trouble: why something was not counted; empty if everything was.

    Args:
        database: the examples database; None if there is no connection to it.
        seconds: how long one question may take.
    """

    def __init__(self, database: Database | None, seconds: float) -> None:
        self.trouble = "" if database else NO_CONNECTION
        self._counts: dict[Selection, int] = {}
        if database is not None:
            super().__init__(LimitedDatabase(database, seconds))

    def count(self, selections: Sequence[Selection]) -> list[int]:
        """Return how many examples each selection has; 1 if that is not known."""
        new = [each for each in dict.fromkeys(selections) if each not in self._counts]
        if new and not self.trouble:
            try:
                self._counts |= zip(new, super().count(new), strict=True)
            except DatabaseUnavailableError as error:
                self.trouble = str(error)
        return [self._counts.get(each, 1) for each in selections]

    def count_of(self, dataset: Dataset) -> int | None:
        """Return how many examples a dataset selects; None if that was not counted."""
        counts = [self._counts[each] for each in dataset.selections if each in self._counts]
        return sum(counts) if len(counts) == len(dataset.selections) else None

    def spans(self) -> dict[str, tuple[datetime, datetime]]:
        """Return when the first and the last example of each collection occurred (UTC); nothing if not known."""
        if not self.trouble:
            with suppress(DatabaseUnavailableError):
                return super().spans()
        return {}
