"""How much memory and time a large collection takes: `python benchmarks/memory.py [EXAMPLES.csv.gz] [--rows 200000]`.

Made-up examples, or those of a file over and over, are loaded into a PostgreSQL server of its own; TF-IDF and a linear
support vector machine are trained on them in a process of their own. What it holds once everything is imported is told
first, then the most that each step held beyond that, and beyond the examples as Python holds them.
"""

import argparse
import csv
import gzip
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from apart import read_peak_bytes, restart_peak_bytes
from machine import describe_machine
from scratch import connect, scratch_environment

from pipeline.adapters import adapters
from pipeline.clock import Clock
from pipeline.examples.example import ExampleSet
from pipeline.loading.load import load_file
from pipeline.models import models
from pipeline.runs.open import open_run
from pipeline.runs.train import train
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.models.store import ModelsStore
from pipeline.training.lineage import TaskRun
from pipeline.training.train import fit

START = datetime(2000, 1, 1, tzinfo=UTC)
RUN = "memory"
ROW_BYTES = 8 * 4 + 49  # a reference to the text, the class and the digest, eight bytes of time, and the digest
PLAN: dict[str, Any] = {
    "dataset": {
        "name": "SpanDataset",
        "options": {"start_datetime_str": "2000-1-1", "end_datetime_str": "2030-1-1", "training_ratio": 0.8},
    },
    "adapter": {"name": "TfidfAdapter", "options": {"sublinear_tf": True, "min_df": 2, "max_features": 100_000}},
    "model": {"name": "scikit_model_linear_svm"},
    "encoding": "binary",
}


def make_rows(path: Path | None) -> Iterator[tuple[str, str]]:
    """Yield classes and texts without end: those of a file, or made-up ones of about 500 characters."""
    if path is not None:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            yield from cycle([(row["label"], row["text"]) for row in csv.DictReader(file)])
    draw = random.Random(0)  # noqa: S311
    words = [f"{draw.choice('bcdfglmnprst')}{draw.choice('aeiou')}{rank:x}" for rank in range(100_000)]
    weights = [1 / (rank + 10) for rank in range(len(words))]
    bounds = list(_add_up(weights))
    while True:
        number = draw.randrange(20)
        own = [f"topic{number}x{draw.randrange(50)}" for _ in range(5)]
        yield f"class {number}", " ".join([*draw.choices(words, cum_weights=bounds, k=75), *own])


def _add_up(weights: list[float]) -> Iterator[float]:
    total = 0.0
    for weight in weights:
        total += weight
        yield total


def load(environment: dict[str, str], path: Path | None, rows: int) -> int:
    """Load so many examples; return how many bytes their texts take in Python, each by itself."""
    text_bytes = 0
    with tempfile.TemporaryDirectory() as folder:
        examples = Path(folder, "examples.csv")
        with examples.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("id", "timestamp", "label", "text"))
            for number, (name, text) in enumerate(islice(make_rows(path), rows)):
                text_bytes += sys.getsizeof(text)
                writer.writerow((number, (START + timedelta(minutes=number)).isoformat(), name, text))
        connections = connect(environment)
        load_file(ExamplesStore(connections.examples_db, connections.keyring), examples)
    return text_bytes


def train_once(environment: dict[str, str], label: str, pipe: Any) -> None:
    """Train, and send what the process held at first, and at most in each step, in bytes."""
    import_all()
    connections = connect(environment)
    held = {"imports": restart_peak_bytes()}

    step = Clock.step

    @contextmanager
    def measure(clock: Clock, name: str) -> Iterator[None]:
        restart_peak_bytes()
        with step(clock, name):
            yield
        held[name] = read_peak_bytes()

    Clock.step = measure  # type: ignore[method-assign, assignment]
    train(label, TaskRun(RUN), connections)
    pipe.send(held)


def import_all() -> None:
    """Import whatever the recipe needs, so that it is not counted as its memory."""
    adapter = adapters[PLAN["adapter"]["name"]](**PLAN["adapter"]["options"] | {"min_df": 1})
    texts = ["one two three", "four five six"]
    fit(adapter, models[PLAN["model"]["name"]](), ExampleSet(texts, ["a", "b"], [], []))


def main() -> None:
    """Load, train, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", type=Path, nargs="?", help="gzip CSV with the columns text and label")
    parser.add_argument("--rows", type=int, default=200_000)
    chosen = parser.parse_args()
    with scratch_environment() as environment:
        started = time.perf_counter()
        text_bytes = load(environment, chosen.examples, chosen.rows)
        loaded = time.perf_counter()
        connections = connect(environment)
        (label,) = open_run(RUN, PLAN, connections)
        context = get_context("spawn")
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=train_once, args=(environment, label, sender))
        process.start()
        sender.close()
        held = receiver.recv()
        process.join()
        trained = time.perf_counter()
        model = ModelsStore(connections.models_db).get_model(label)
    imports, data = held.pop("imports"), text_bytes + chosen.rows * ROW_BYTES
    result = {
        "machine": describe_machine(),
        "rows": chosen.rows,
        "load_seconds": round(loaded - started, 1),
        "train_seconds": round(trained - loaded, 1),
        "step_seconds": model["step_seconds"],
        "imports_mib": round(imports / 2**20),
        "examples_mib": round(data / 2**20),
        "above_imports_and_examples_mib": {step: round((held[step] - imports - data) / 2**20) for step in held},
        "most_above_mib": round((max(held.values()) - imports - data) / 2**20),
        "document_bytes": model["size_bytes"],
        "accuracy": model["scores"]["accuracy"],
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
