"""How accurate the recipes of some plans are on data sets of your own: `python benchmarks/accuracy.py FOLDER [NAME …]`.

FOLDER holds the files of examples that the plans in `benchmarks/plans` name: `NAME.csv.gz` is loaded into the
collection NAME, and every plan `NAME-….json` is trained on it, as a run of the product on a PostgreSQL server of its
own, but without Airflow: one process a core takes the definitions one by one. Printed is a table with the best
definition of each plan.
"""

import argparse
import json
import logging
import os
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from scratch import connect, scratch_environment

from pipeline.errors import PipelineError
from pipeline.loading.load import load_file
from pipeline.runs.open import open_run
from pipeline.runs.train import train
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.training.lineage import TaskRun

PLANS = Path(__file__).parent / "plans"
COLUMNS = ("data set", "plan", "definitions", "best accuracy", "95 % interval", "macro F1", "seconds", "recipe")


def run_plan(path: Path, environment: dict[str, str], workers: int) -> dict[str, Any]:
    """Train every definition of a plan; return the best one's scores."""
    connections = connect(environment)
    started = time.perf_counter()
    labels = open_run(path.stem, json.loads(path.read_text()), connections)
    with ProcessPoolExecutor(workers) as pool:
        failures = [each for each in pool.map(partial(train_one, path.stem, environment), labels) if each]
    ledger = Ledger(connections.models_db)
    ledger.close_run(path.stem)
    rows = [row for row in ledger.list_definitions(path.stem) if row["accuracy"] is not None]
    best = max(rows, key=lambda row: (row["accuracy"], row["macro_f1"]))
    return {
        "data set": path.stem.partition("-")[0],
        "plan": path.name,
        "definitions": len(labels),
        "best accuracy": best["accuracy"],
        "95 % interval": best["accuracy_interval"],
        "macro F1": best["macro_f1"],
        "seconds": round(time.perf_counter() - started),
        "recipe": describe(best["definition"], json.loads(path.read_text())),
        "failures": failures,
    }


def train_one(run_id: str, environment: dict[str, str], label: str) -> str:
    """Train one definition; return why it failed, or nothing."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        train(label, TaskRun(run_id), connect(environment))
    except PipelineError as error:
        return str(error)
    return ""


def describe(definition: dict[str, Any], plan: dict[str, Any]) -> str:
    """Return a definition's adapter and model with the options that its plan says."""
    parts = []
    for section in ("adapter", "model"):
        block = definition[section]
        blocks = plan[section] if isinstance(plan[section], list) else [plan[section]]
        said = {name for each in blocks if each["name"] == block["name"] for name in each.get("options", {})}
        options = ", ".join(f"{name}={brief(block['options'][name])}" for name in block["options"] if name in said)
        parts.append(f"{block['name']}({options})")
    return " + ".join(parts)


def brief(value: Any) -> str:
    """Return an option's value; adapters inside one as their names."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return " and ".join(each["name"] for each in value)
    return json.dumps(value)


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print rows as Markdown."""
    print("|", " | ".join(COLUMNS), "|")
    print("|", " | ".join("---" for _ in COLUMNS), "|")
    for row in rows:
        low, high = row["95 % interval"]
        cells = row | {
            "best accuracy": f"{row['best accuracy']:.4f}",
            "macro F1": f"{row['macro F1']:.3f}",
            "95 % interval": f"{low:.3f}–{high:.3f}",
        }
        print("|", " | ".join(str(cells[column]) for column in COLUMNS), "|")


def main() -> None:
    """Train every plan whose data set is there, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the data sets are: NAME.csv.gz")
    parser.add_argument(
        "names", nargs="*", help="only these data sets or plans, such as quickstart or cwe_ge100-search"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    plans = [
        path
        for path in sorted(PLANS.glob("*.json"))
        if not chosen.names or {path.stem, path.stem.partition("-")[0]} & set(chosen.names)
    ]
    rows = []
    with scratch_environment() as environment:
        loaded: set[str] = set()
        for path in plans:
            name = path.stem.partition("-")[0]
            if name not in loaded:
                connections = connect(environment)
                store = ExamplesStore(connections.examples_db, connections.keyring)
                load_file(store, chosen.folder / f"{name}.csv.gz", collection=name)
                loaded.add(name)
            rows.append(run_plan(path, environment, chosen.workers))
    if chosen.json:
        print(json.dumps(rows, indent=2))
        return
    print_table(rows)
    for row in rows:
        for failure in row["failures"]:
            print(f"{row['plan']}: {failure}")


if __name__ == "__main__":
    main()
