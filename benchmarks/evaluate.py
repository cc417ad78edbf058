"""Evaluating stored models, beside training them: `python benchmarks/evaluate.py FILE [--rounds 3] [--examples 10000]`.

A deployment of its own trains 20 definitions on the newest examples of FILE (a fifth of them tests), and then evaluates
the 20 models on as many older examples, which none of them has seen. Seconds run from the trigger by REST: of the
training to the last notification, of the evaluation to the last stored row. Before each, what trainings share is
cleared. Evaluating may take at most 0.3 of the time of training.
"""

import argparse
import csv
import gzip
import json
import logging
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import structlog
from embedded import Embedded, embedded_deployment
from machine import format_machine
from overhead import make_plan, write_examples

from pipeline.airflow_client.api import ENDED_RUN_STATES, EVALUATION_DAG_ID
from pipeline.stores.models.evaluations import EvaluationsStore
from pipeline.stores.models.ledger import Ledger

TARGET = 0.3
NEWEST, OLDER = "newest", "older"
DEFINITIONS = 20
SPAN = {"start_datetime_str": "1990-1-1", "end_datetime_str": "2100-1-1", "training_ratio": 0.8, "collection": NEWEST}
PLAN: dict[str, Any] = {
    "dataset": {"name": "SpanDataset", "options": SPAN},
    "adapter": [
        {"name": "TfidfAdapter", "options": {"sublinear_tf": True, "min_df": 2, "ngram_range": [[1, 1], [1, 2]]}},
        {"name": "TfidfAdapter", "options": {"min_df": 2, "analyzer": "char_wb", "ngram_range": [3, 4]}},
        {"name": "Word2VecAdapter", "options": {"sequence_length": 100, "vector_size": 100, "pooling": "mean"}},
    ],
    "model": [
        {"name": "scikit_model_linear_svm", "options": {"C": [0.1, 1]}},
        {"name": "scikit_model_logistic_regression", "options": {"C": [1, 10]}},
        {"name": "scikit_model_sgd", "options": {"alpha": 1e-4}},
    ],
}


def write_collections(file: Path, folder: Path, count: int) -> dict[str, Path]:
    """Write the newest examples of a file, and as many before them, into a file each."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as source:
        rows = sorted(csv.DictReader(source), key=lambda row: (row["timestamp"], row["id"]), reverse=True)
    found = {}
    for name, part in ((NEWEST, rows[:count]), (OLDER, rows[count : 2 * count])):
        found[name] = folder / f"{name}.csv"
        with found[name].open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, ["id", "timestamp", "label", "text"])
            writer.writeheader()
            writer.writerows(part)
    return found


def evaluate(deployment: Embedded, labels: list[str]) -> float:
    """Evaluate models and return the seconds until the last of them was stored.

    Raises:
        RuntimeError: a model was not evaluated.
    """
    airflow, database = deployment.airflow, deployment.connections.models_db
    _ = airflow.token  # the login is not counted
    started, state = datetime.now(UTC), ""
    run_id = airflow.trigger({"models": labels, "collection": OLDER}, dag_id=EVALUATION_DAG_ID)
    while state not in ENDED_RUN_STATES:
        time.sleep(1)
        state = airflow.get_run_state(run_id, EVALUATION_DAG_ID)
    rows = EvaluationsStore(database).list_newest(run_id, limit=len(labels))
    if len(rows) != len(labels):
        raise RuntimeError(f"the run {run_id} ended as {state} with {len(rows)} of {len(labels)} models")
    return float((max(row["evaluated_at"] for row in rows) - started).total_seconds())


def measure(deployment: Embedded, seed: int) -> dict[str, float]:
    """Return the seconds, and the core-seconds of tasks, of a training and of an evaluation of its models."""
    measured: dict[str, float] = {}
    deployment.run("prepared", "clear")
    before = deployment.read_core_seconds()["tasks"]
    run_id, measured["training"] = deployment.train(PLAN | {"seed": seed})
    between = deployment.read_core_seconds()["tasks"]
    labels = [row["label"] for row in Ledger(deployment.connections.models_db).list_definitions(run_id)]
    deployment.run("prepared", "clear")
    measured["evaluation"] = evaluate(deployment, labels)
    after = deployment.read_core_seconds()["tasks"]
    return measured | {"training, core-seconds": between - before, "evaluation, core-seconds": after - between}


def main() -> None:
    """Measure in turns, and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="examples with id, timestamp, label and text, .csv.gz")
    parser.add_argument("--examples", type=int, default=10_000, help="how many train and test, and how many evaluate")
    parser.add_argument("--rounds", type=int, default=3, help="how often each; medians count")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    machine, rounds = format_machine(), []
    with tempfile.TemporaryDirectory(prefix="evaluate-", ignore_cleanup_errors=True) as folder:
        files = write_collections(given.file, Path(folder), given.examples)
        warm_up = Path(folder, "warm-up.csv")
        write_examples(warm_up)
        with embedded_deployment() as deployment:
            deployment.run("examples", "load", str(warm_up))
            for name, file in files.items():
                deployment.run("examples", "load", str(file), "--collection", name, "--id", "id")
            deployment.train(make_plan(4, 0, "adapter"))  # one-time work after a start
            for number in range(given.rounds):
                rounds.append(measure(deployment, number))
                print(f"… {number + 1}/{given.rounds} {rounds[-1]}", flush=True)
    found = {name: median(each[name] for each in rounds) for name in rounds[0]}
    ratio = found["evaluation"] / found["training"]
    if given.json:
        print(json.dumps({"machine": machine, "models": DEFINITIONS, "seconds": found, "ratio": ratio}, indent=2))
        return
    print(f"\n{machine}\n\n{DEFINITIONS} models, {given.examples:,} examples\n")
    print("| | seconds | core-seconds of tasks |\n| --- | ---: | ---: |")
    for name in ("training", "evaluation"):
        print(f"| {name} | {found[name]:.1f} | {found[f'{name}, core-seconds']:.1f} |")
    print(f"\nratio {ratio:.2f}, at most {TARGET}: {'yes' if ratio <= TARGET else '**no**'}")


if __name__ == "__main__":
    main()
