"""A run with a search on real databases, and workers of it: processes that go on until every definition has ended."""

import multiprocessing
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from typing import Any

from factories import make_plan
from pipeline.errors import TrainingError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.keyring import KeyRing
from pipeline.examples.rows import IncomingRow
from pipeline.plans import expand
from pipeline.runs.budgets import StoppedError
from pipeline.runs.connections import Connections
from pipeline.runs.search import UndecidedError
from pipeline.runs.train import train
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.trials import Trial, Trials, list_trials
from pipeline.training.lineage import TaskRun

CLASSES = ("fruit", "metal", "river")


def load_noisy(connections: Connections, count: int = 240) -> None:
    """Load examples of January 2016 whose words tell their class only mostly, so that recipes differ."""
    draw = random.Random(5)  # noqa: S311 - examples
    rows = []
    for number in range(count):
        kind = CLASSES[number % 3]
        words = [f"{kind if draw.random() < 0.4 else draw.choice(CLASSES)}{draw.randrange(40)}" for _ in range(9)]
        moment = datetime(2016, 1, 1, tzinfo=UTC) + timedelta(hours=number)
        rows.append(IncomingRow(number, str(number), moment, kind, " ".join(words)))
    ExamplesStore(connections.examples_db, connections.keyring).load("default", iter(rows), BrokenRows("test"))


def make_search_plan(**overrides: Any) -> dict[str, Any]:
    """Return a plan of twelve definitions: all are tried with 1/9, 4 with 1/3, and 1 is trained in full."""
    plan = make_plan(
        dataset__options__end_datetime_str=["2016-1-31"],
        adapter={"name": "TfidfAdapter", "options": {"max_features": [5, 20, 60]}},
        model={"name": "scikit_model_multinomial_naive_bayes", "options": {"alpha": [0.01, 0.1, 1.0, 10.0]}},
        search={"method": "halving"},
    )
    return plan | overrides


def open_search(connections: Connections, run_id: str, plan: dict[str, Any]) -> list[str]:
    """Write a run to the ledger, and return its labels."""
    return Ledger(connections.models_db).open_run(run_id, plan, expand(plan))


def work(run_id: str, labels: Sequence[str], connections: Connections) -> dict[str, str]:
    """Do what a worker does with its task instances, and return why some are stopped or have failed."""
    waiting, reasons = [*labels], {}
    deadline = time.monotonic() + 120
    while waiting and time.monotonic() < deadline:
        label = waiting.pop(0)
        try:
            train(label, TaskRun(run_id), connections)
        except (StoppedError, TrainingError) as reason:
            reasons[label] = str(reason)
        except UndecidedError:
            waiting.append(label)
    return reasons


def work_together(
    run_id: str, labels: Sequence[str], connections: Connections, workers: int, kills: int = 0
) -> dict[str, tuple[str, str | None]]:
    """Let several processes do it, each with its share of the labels; return each definition's state and its reason.

    Args:
        kills: how many workers are killed in a trial; another process takes the place of each.
    """
    context = multiprocessing.get_context("fork")

    def start(share: Sequence[str]) -> BaseProcess:
        process = context.Process(target=work, args=(run_id, share, connections))
        process.start()
        return process

    shares = [labels[number::workers] for number in range(workers)]
    running = [(start(share), share) for share in shares]
    for number in range(kills):
        process, share = running[number % workers]
        _wait_for_trials(connections, run_id, 2 + 3 * number)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL, "it had ended before it was killed"
        running[number % workers] = (start(share), share)
    for process, _ in running:
        process.join(120)
    rows = Ledger(connections.models_db).list_definitions(run_id)
    return {row["label"]: (row["state"], row["error"]) for row in rows}


def _wait_for_trials(connections: Connections, run_id: str, count: int) -> None:
    deadline = time.monotonic() + 60
    query = "SELECT count(*) FROM trials WHERE run_id = %s"
    found = 0
    while found < count:
        assert time.monotonic() < deadline, f"{found} trials, and no more for a minute"
        time.sleep(0.002)
        with connections.models_db.connection() as connection:
            ((found,),) = connection.execute(query, [run_id]).fetchall()


def make_connections(examples_db: Any, models_db: Any, postgres_url: str) -> Connections:
    """Return connections with the noisy examples."""
    connections = Connections(examples_db, models_db, postgres_url)
    connections.__dict__["keyring"] = KeyRing.generate()
    load_noisy(connections)
    return connections


def count_states(connections: Connections, run_id: str = "run-1") -> Counter[str]:
    """Return how many definitions of a run are in which state."""
    return Counter(row["state"] for row in Ledger(connections.models_db).list_definitions(run_id))


def list_errors(connections: Connections, state: str) -> set[str]:
    """Return why definitions of `run-1` are in a state."""
    rows = Ledger(connections.models_db).list_definitions("run-1")
    return {row["error"] for row in rows if row["state"] == state}


def count_trials(connections: Connections, run_id: str = "run-1") -> Counter[int]:
    """Return how many definitions of a run have been tried in which rung."""
    return Counter(row["rung"] for row in list_trials(connections.models_db, run_id) if row["score"] is not None)


def die_in_trial(trials: Trials, trial: Trial) -> None:
    """Begin a trial on a session that then ends."""
    with suppress(InterruptedError), trials.hold() as holder:
        holder.begin(lambda _: trial)
        raise InterruptedError
