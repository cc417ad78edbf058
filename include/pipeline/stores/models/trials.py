"""The trials of a run's search: which definition is tried by whom, and how good each was."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from psycopg.rows import class_row, dict_row

from pipeline.search.settings import Search
from pipeline.stores.database import Connection, Database
from pipeline.stores.queries import Queries

MOST_HELPED: int = 2
"""How often other task instances begin a trial whose worker died, before only its own does: it may have died of it."""

queries = Queries(Path(__file__).with_suffix(".sql"))


class RunSearch(NamedTuple):
    """What a run says about its search.

    Attributes:
        search: the plan's search; None if every definition is trained in full.
        seed: the run's seed.
        metric: what models of the run are ranked by, as plans write it.
        max_memory_mb: what the process may take; None: any amount.
    """

    search: Search | None
    seed: int
    metric: str
    max_memory_mb: int | None


@dataclass(frozen=True)
class Row:
    """A definition in a search, as the database has it; see the query `select_entrants`."""

    label: str
    position: int
    state: str
    adapter: str
    scores: Sequence[float]
    macro_f1s: Sequence[float]
    seconds: float
    attempts: int
    is_running: bool


class Trial(NamedTuple):
    """A trial that this worker has begun."""

    label: str
    rung: int


class Trials:
    """The trials of one run, in the models database.

    Args:
        database: the models database.
        run_id: the run.
        label: the definition whose task instance this is. The trials of this class are those on the same examples.
    """

    def __init__(self, database: Database, run_id: str, label: str) -> None:
        self.run_id = run_id
        self._database = database
        self._key = {"run_id": run_id, "label": label}

    def get_definition(self, label: str) -> tuple[dict[str, Any], str | None]:
        """Return a definition of the run, and the digest of its examples."""
        with self._database.connection() as connection:
            row = connection.execute(queries.select_definition, self._key | {"label": label}).fetchone()
        definition, digest = row or ({}, None)
        return definition, digest

    @contextmanager
    def hold(self) -> Iterator["Holder"]:
        """Keep a session open that holds the trials which are begun in the block, for as long as they run.

        Raises:
            DatabaseUnavailableError: the session ended meanwhile, so another worker may have begun the same trial.
        """
        with self._database.connection() as connection:
            connection.autocommit = True
            holder, *_ = connection.execute(queries.begin_holding).fetchone() or (0,)
            yield Holder(connection, self._key, holder)
            connection.execute(queries.end_holding, {"holder": holder})


class Holder:
    """Begins and ends trials on a session of its own; see `Trials.hold`."""

    def __init__(self, connection: Connection, key: dict[str, Any], holder: int) -> None:
        self._connection = connection
        self._key = key
        self._holder = holder

    def begin(self, choose: Callable[[list[Row]], Trial | None]) -> Trial | None:
        """Begin a trial, and return it; None if there is nothing to try, or the run's time is over.

        Args:
            choose: gets all definitions of the search and returns which of them to try. No other worker chooses
                meanwhile. It is called also if the time is over, because what is certain by then counts.
        """
        with self._connection.transaction():
            is_late = self._connection.execute(queries.hold_run, self._key).fetchone() == (True,)
            with self._connection.cursor(row_factory=class_row(Row)) as cursor:
                trial = choose(cursor.execute(queries.select_entrants, self._key).fetchall())
            if trial is None or is_late:
                return None
            row = {"tried_by": self._key["label"], "holder": self._holder, "host": socket.gethostname()}
            self._connection.execute(queries.begin_trial, self._key | trial._asdict() | row)
        return trial

    def end(self, trial: Trial, examples: int, score: float, macro_f1: float) -> None:
        """Write how good a definition was in a trial.

        Args:
            examples: on how many it was trained.
            score: higher is better.
            macro_f1: decides between equal scores.
        """
        result = {"examples": examples, "score": score, "macro_f1": macro_f1, "holder": self._holder}
        self._connection.execute(queries.end_trial, self._key | trial._asdict() | result)

    def leave(self, trial: Trial) -> None:
        """Leave a trial that went wrong to the task instance of its own definition."""
        row = {"holder": self._holder, "most": MOST_HELPED}
        self._connection.execute(queries.leave_trial, self._key | trial._asdict() | row)


def get_search(database: Database, run_id: str) -> RunSearch:
    """Return what a run says about its search; an unknown run has none."""
    with database.connection() as connection:
        row = connection.execute(queries.select_search, {"run_id": run_id}).fetchone()
    search, *others = row or (None, 0, "accuracy", None)
    return RunSearch(None if search is None else Search(**search), *others)


def list_trials(database: Database, run_id: str, label: str | None = None) -> list[dict[str, Any]]:
    """Return a run's trials, or those of one definition, in the order in which they began."""
    with database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(queries.select_trials, {"run_id": run_id, "label": label}).fetchall()
