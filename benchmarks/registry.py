"""The time of the registry's answers over many stored models, measured by `python benchmarks/registry.py`.

Twenty runs with a thousand models in total were tested on the same examples; each document has its own parts of an
adapter and a model. A request goes through the whole application, in this process, to a PostgreSQL server of its own,
over a kept connection, as in Airflow's API server. The first request of each kind is not counted. Documents of two
sizes show whether a request reads any: then only the larger ones would take long.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx
import psycopg
from fastapi import FastAPI

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from machine import describe_machine, format_machine
from scratch import connect, scratch_environment
from stored_documents import make_part

from factories import make_definition, make_expansion, make_trained_model
from pipeline.examples.answers import seal_answers
from pipeline.registry.access import Access
from pipeline.registry.app import make_app
from pipeline.registry.limits import MOST_CONNECTIONS_KEPT
from pipeline.serialisation.document import SplitDocument
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore
from pipeline.training.scores import score

RUNS, MODELS, EXAMPLES, CLASSES = 20, 50, 2_000, 20
SIZES: Final = {"2 MB": 2_000_000, "20 kB": 20_000}
KERNELS = ("linear", "rbf")
DEFINITIONS = [
    make_definition(sequence_length=length, kernel=kernel) for length in range(1, MODELS // 2 + 1) for kernel in KERNELS
]
REQUESTS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "first page": ("/definitions", {}),
    "last page": ("/definitions", {"offset": RUNS * MODELS - 50}),
    "sorted by gain": ("/definitions", {"sort": "-gain"}),
    "one run": ("/definitions", {"run": "run-7"}),
    "filtered by an option": ("/definitions", {"option": "model.kernel:rbf"}),
    "choices": ("/definitions/choices", {}),
    "one model": (f"/models/{DEFINITIONS[0].label}", {}),
    "two models compared": ("/comparison", {"model": [each.label for each in DEFINITIONS[:2]]}),
    "six models compared": ("/comparison", {"model": [each.label for each in DEFINITIONS[:6]]}),
    "effects in one run": ("/runs/run-7/effects", {}),
    "pictures of one run": ("/runs/run-7/trainings", {}),
    "timeline of one run": ("/runs/run-7/timeline", {}),
}


def measure(rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return the seconds of each request, by the size of the documents; both sizes take turns."""
    with ExitStack() as stack:
        apps = {}
        for name, size_bytes in SIZES.items():
            environ = stack.enter_context(scratch_environment())
            fill(connect(environ).models_db, size_bytes)
            url = environ["AIRFLOW_CONN_MODELS_DB"]
            database = Database("models_db", partial(psycopg.connect, url), keep=MOST_CONNECTIONS_KEPT)
            stack.callback(database.close_idle)
            apps[name] = make_app(Access(*(lambda: "ann",) * 3), partial(_give, database))
        return asyncio.run(ask(apps, rounds))


def _give(database: Database) -> Database:
    return database


async def ask(apps: dict[str, FastAPI], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return the seconds of each request to each application, without the first request of each kind."""
    taken: dict[str, dict[str, list[float]]] = {size: {name: [] for name in REQUESTS} for size in apps}
    async with AsyncExitStack() as stack:
        clients = {
            size: await stack.enter_async_context(
                httpx.AsyncClient(
                    headers={"Authorization": "Bearer of somebody"},
                    transport=httpx.ASGITransport(app=app),
                    base_url="http://registry",
                )
            )
            for size, app in apps.items()
        }
        for number in range(rounds + 1):
            for name, (path, query) in REQUESTS.items():
                for size, client in clients.items():
                    begun = time.perf_counter()
                    answer = await client.get(path, params=query)
                    seconds = time.perf_counter() - begun
                    answer.raise_for_status()
                    if number:
                        taken[size][name].append(seconds)
    return taken


def fill(database: Database, size_bytes: int) -> None:
    """Store every model of every run, each with some wrong answers of its own."""
    draw = random.Random(1)  # noqa: S311
    names = [f"class {number:02}" for number in range(CLASSES)]
    digests = [draw.randbytes(16) for _ in range(EXAMPLES)]
    truths = draw.choices(names, k=EXAMPLES)
    ledger, models = Ledger(database), ModelsStore(database)
    for run in range(RUNS):
        ledger.open_run(f"run-{run}", {}, make_expansion(*DEFINITIONS))
        with database.kept_open():
            for number, definition in enumerate(DEFINITIONS):
                share = draw.uniform(0.1, 0.3)
                answers = [draw.choice(names) if draw.random() < share else truth for truth in truths]
                model = make_trained_model(
                    definition,
                    f"run-{run}",
                    document=make_document(size_bytes, run * MODELS + number),
                    scores=score(truths, truths, answers).to_dict(),
                    answers=seal_answers(bytes(32), digests, truths, answers),
                )
                models.save(model)
        ledger.close_run(f"run-{run}")
        print(f"stored {(run + 1) * MODELS:,} models of {size_bytes:,} bytes", file=sys.stderr)


def make_document(size_bytes: int, seed: int) -> SplitDocument:
    """Return a document of about `size_bytes`, four fifths of them its adapter's."""
    adapter, rest = (make_part(size_bytes * fifths // 5, "json", 2 * seed + fifths // 4) for fifths in (4, 1))
    return SplitDocument("json", adapter, rest)


def main() -> None:
    """Measure every request over documents of both sizes and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20, help="how often each request is sent")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    found = measure(chosen.rounds)
    if chosen.json:
        print(json.dumps({"machine": describe_machine(), "seconds": found}, indent=2))
        return
    print(format_machine(), "\n")
    large, small = SIZES
    print(f"{RUNS * MODELS:,} models in {RUNS} runs, {EXAMPLES:,} testing examples, {CLASSES} classes\n")
    print(f"| request | median ms, documents of {large} | max ms | median ms, {small} | max ms | ratio of medians |")
    print("| --- | --: | --: | --: | --: | --: |")
    for name in REQUESTS:
        cells = [f"{1000 * statistic(found[size][name]):.1f}" for size in SIZES for statistic in (median, max)]
        ratio = median(found[large][name]) / median(found[small][name])
        print("|", " | ".join([name, *cells, f"{ratio:.2f}"]), "|")


if __name__ == "__main__":
    main()
