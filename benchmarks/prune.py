"""What pruning takes and what it leaves, measured by `python benchmarks/prune.py`.

A thousand runs of ten models each are stored, announced and made old, in a PostgreSQL server of its own. One copy of
that database is pruned at once, the other by deleting the same models one by one, each as `pipeline models delete`
and REST do it (without starting a process for each). While the first is pruned, another process goes on storing models.
The runs are then stored and pruned once more: what is left may not grow.
"""

import argparse
import json
import multiprocessing
import sys
import time
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from machine import describe_machine, format_machine
from scratch import connect, scratch_environment
from stored_documents import make_part

from factories import make_definition, make_expansion, make_trained_model
from pipeline.runs.announce import notify
from pipeline.runs.connections import Connections
from pipeline.runs.prune import prune
from pipeline.serialisation.document import SplitDocument
from pipeline.stores.author import Author
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.prune import Policy, PruneStore
from pipeline.stores.models.removal import RemovalStore
from pipeline.stores.models.store import ModelsStore

RUNS, MODELS, SIZE_BYTES = 1_000, 10, 20_000
DEFINITIONS = [make_definition(sequence_length=length) for length in range(1, MODELS + 1)]
OTHERS = [make_definition(sequence_length=length) for length in range(101, 101 + MODELS)]
POLICY: Final = Policy(days=30, best=3)
AUTHOR: Final = Author("benchmark", "a measurement")
TABLES: Final = (
    "runs", "definitions", "models", "adapter_documents", "testing_sets", "notifications", "notification_messages",
    "deleted_models",
)  # fmt: skip
Sizes = dict[str, tuple[int, int]]
"""Rows and bytes, with indexes, of each table."""


def measure(runs: int) -> dict[str, Any]:
    """Return the seconds of both ways, of stores beside and without pruning, and the tables' sizes before and after."""
    with scratch_environment() as environ, scratch_environment() as other:
        connections, one_by_one = connect(environ), connect(other)
        fill(connections, runs, "first")
        fill(one_by_one, runs, "first")
        sizes = [read_sizes(connections)]
        doomed = [
            f"{each['label']}@{each['version']}" for each in PruneStore(one_by_one.models_db, POLICY).list_models()
        ]
        alone = store_meanwhile(environ, lambda: time.sleep(5))
        pruned: list[float] = []

        def prune_now() -> None:
            started = time.perf_counter()
            prune(POLICY, connections, AUTHOR, None)
            pruned.append(time.perf_counter() - started)

        beside = store_meanwhile(environ, prune_now)
        sizes.append(read_sizes(connections))
        removal = RemovalStore(one_by_one.models_db)
        begun = time.perf_counter()
        with one_by_one.models_db.kept_open():
            for reference in doomed:
                removal.delete([reference], AUTHOR)
        singly = time.perf_counter() - begun
        for name in ("second", "third"):
            fill(connections, runs, name)
            prune(POLICY, connections, AUTHOR, None)
            sizes.append(read_sizes(connections))
    return {
        "models": len(doomed), "prune_seconds": pruned[0], "one_by_one_seconds": singly,
        "ratio": pruned[0] / singly, "store_seconds_alone": alone, "store_seconds_beside": beside, "sizes": sizes,
    }  # fmt: skip


def fill(connections: Connections, runs: int, name: str) -> None:
    """Store and announce runs, and make them old."""
    ledger, models = Ledger(connections.models_db), ModelsStore(connections.models_db)
    with connections.models_db.kept_open():
        for run in range(runs):
            run_id = f"{name}-{run}"
            ledger.open_run(run_id, {}, make_expansion(*DEFINITIONS))
            for place, definition in enumerate(DEFINITIONS):
                models.save(make_trained_model(definition, run_id, document=make_document(hash((name, run, place)))))
        notify(f"{name}-0", connections)
        for run in range(runs):
            ledger.close_run(f"{name}-{run}")
    with connections.models_db.connection() as connection:
        for table, column in (
            ("models", "created_at"),
            ("runs", "closed_at"),
            ("notification_messages", "published_at"),
            ("deleted_models", "deleted_at"),
        ):
            connection.execute(f"UPDATE {table} SET {column} = {column} - interval '40 days'".encode())  # noqa: S608
    with connections.models_db.connection() as connection:
        connection.autocommit = True
        connection.execute("VACUUM (ANALYZE)")
    print(f"stored {runs * MODELS:,} models", file=sys.stderr)


def make_document(seed: int) -> SplitDocument:
    """Return a document, four fifths of it its adapter's."""
    adapter, rest = (make_part(SIZE_BYTES * fifths // 5, "json", 2 * seed + fifths // 4) for fifths in (4, 1))
    return SplitDocument("json", adapter, rest)


def store_meanwhile(environ: dict[str, str], work: Any) -> float:
    """Return the median seconds of storing a model in another process while some work is done here."""
    context = multiprocessing.get_context("spawn")
    ready, stop, told = context.Event(), context.Event(), context.Queue()
    process = context.Process(target=store_on, args=(environ, ready, stop, told))
    process.start()
    ready.wait()
    work()
    stop.set()
    seconds: float = told.get()
    process.join()
    return seconds


def store_on(environ: dict[str, str], ready: Event, stop: Event, told: "multiprocessing.Queue[float]") -> None:
    """Store models of a run until told to stop, and tell the median seconds of one."""
    connections, run_id = connect(environ), f"meanwhile-{time.time()}"
    taken: list[float] = []
    Ledger(connections.models_db).open_run(run_id, {}, make_expansion(*OTHERS))
    models = ModelsStore(connections.models_db)
    ready.set()
    with connections.models_db.kept_open():
        while not stop.is_set() or not taken:
            document = make_document(len(taken) % MODELS)
            begun = time.perf_counter()
            models.save(make_trained_model(OTHERS[len(taken) % MODELS], run_id, document=document))
            taken.append(time.perf_counter() - begun)
    told.put(median(taken))


def read_sizes(connections: Connections) -> Sizes:
    """Return the sizes of the tables after PostgreSQL has cleaned up, as its autovacuum does by itself."""
    with connections.models_db.connection() as connection:
        connection.autocommit = True
        connection.execute("VACUUM")
        query = "SELECT (SELECT count(*) FROM {0}), pg_total_relation_size('{0}')"
        rows = {table: connection.execute(query.format(table).encode()).fetchone() for table in TABLES}
    return {table: (row[0], row[1]) for table, row in rows.items() if row}


def main() -> None:
    """Measure, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=RUNS, help=f"runs of {MODELS} models each")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    found = measure(chosen.runs)
    if chosen.json:
        print(json.dumps({"machine": describe_machine(), **found}, indent=2))
        return
    print(format_machine(), "\n")
    ways = f"{found['prune_seconds']:.1f} s pruned, {found['one_by_one_seconds']:.1f} s one by one"
    print(f"{found['models']:,} models: {ways}, ratio {found['ratio']:.3f}")
    alone, beside = (1000 * found[f"store_seconds_{when}"] for when in ("alone", "beside"))
    print(f"storing a model takes {alone:.1f} ms, and {beside:.1f} ms meanwhile\n")
    print("| table | rows before | MB | rows after | MB | after as many again | MB | and once more | MB |")
    print("| --- " + "| --: " * 8 + "|")
    for table in TABLES:
        cells = [cell for size in found["sizes"] for cell in (f"{size[table][0]:,}", f"{size[table][1] / 2**20:.1f}")]
        print("|", " | ".join([f"`{table}`", *cells]), "|")


if __name__ == "__main__":
    main()
