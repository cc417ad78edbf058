"""What a definition costs beside its work: `python benchmarks/overhead.py [--sizes 10,100,500,2000] [--json OUT]`.

A deployment of its own, as `pipeline up` creates it, trains plans of the given sizes on twenty made-up examples, so
that nearly all the cost is that of the product, Airflow and PostgreSQL. Seconds run from the trigger by REST to the
last notification. Core-seconds are listed by program; what the programs use while no training runs is subtracted.
"""

import argparse
import csv
import json
import math
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from embedded import Embedded, embedded_deployment
from machine import describe_machine, format_machine

Figures = dict[str, Any]
SIZES = (10, 100, 500, 2_000)
WARM_UP = 10
EXAMPLES = 20
START = datetime(2016, 1, 1, tzinfo=UTC)


def make_plan(definitions: int, first: int, varied: str = "both") -> dict[str, Any]:
    """Return a plan of `definitions` different definitions, each of which trains in about a millisecond.

    Args:
        first: another number gives other definitions.
        varied: `adapter`: a baseline of the most frequent class, each on its own adapter, which learns nothing;
            `model`: naive Bayes, each with another alpha, all on one adapter; `both`: as many adapters as models, or
            nearly, so that the plan is as short as usual plans.
    """
    span = {"start_datetime_str": "2016-1-1", "end_datetime_str": "2016-2-1", "training_ratio": 0.8}
    side = max(size for size in range(1, math.isqrt(definitions) + 1) if definitions % size == 0)
    adapters, models = {"adapter": (definitions, 1), "model": (1, definitions), "both": (side, definitions // side)}[
        varied
    ]
    model: dict[str, Any] = {"name": "scikit_model_majority", "options": {}}
    if varied != "adapter":
        alphas = [1 + number / 10_000 for number in range(first, first + models)]
        model = {"name": "scikit_model_multinomial_naive_bayes", "options": {"alpha": alphas}}
    return {
        "dataset": {"name": "SpanDataset", "options": span},
        "adapter": {"name": "HashingAdapter", "options": {"n_features": [*range(256 + first, 256 + first + adapters)]}},
        "model": model,
        "max_definitions": definitions,
    }


def write_examples(path: Path) -> None:
    """Write a handful of made-up examples of two classes."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("time", "label", "text"))
        for number in range(EXAMPLES):
            moment = START + timedelta(hours=number)
            writer.writerow((moment.isoformat(), ("odd", "even")[number % 2], f"a text about number{number % 4}"))


def measure_idle(deployment: Embedded, seconds: float) -> dict[str, float]:
    """Return how many cores each program uses while no training runs."""
    before, started = deployment.read_core_seconds(), time.monotonic()
    time.sleep(seconds)
    after, passed = deployment.read_core_seconds(), time.monotonic() - started
    return {name: (count - before.get(name, 0)) / passed for name, count in after.items()}


def measure_size(deployment: Embedded, plan: dict[str, Any], definitions: int, idle: dict[str, float]) -> Figures:
    """Return what a plan took, in total and for each definition."""
    before, started = deployment.read_core_seconds(), time.monotonic()
    _, seconds = deployment.train(plan)
    after, passed = deployment.read_core_seconds(), time.monotonic() - started
    # below 0: while idle, a program does things for which it has no time now
    used = {name: count - before.get(name, 0) - idle.get(name, 0) * passed for name, count in after.items()}
    return {
        "definitions": definitions,
        "seconds": round(seconds, 2),
        "seconds_per_definition": round(seconds / definitions, 4),
        "core_seconds_per_definition": round(sum(used.values()) / definitions, 4),
        "by_program": {
            name: round(count / definitions, 4) for name, count in sorted(used.items(), key=lambda item: -item[1])
        },
    }


def measure(sizes: list[int], idle_seconds: float, varied: str) -> Figures:
    """Return the figures of every size, after a run that is not counted."""
    with embedded_deployment() as deployment:
        examples = deployment.home.path / "examples.csv"
        write_examples(examples)
        deployment.run("examples", "load", str(examples))
        first, rows = 0, []
        for definitions in [WARM_UP, WARM_UP]:  # one-time work: caches, connections, the executor's first forks
            deployment.train(make_plan(definitions, first, varied))
            first += definitions
        idle = measure_idle(deployment, idle_seconds)
        for definitions in sizes:
            rows.append(measure_size(deployment, make_plan(definitions, first, varied), definitions, idle))
            first += definitions
            print(format_progress(rows[-1]), flush=True)
    return {"idle_cores": {name: round(cores, 4) for name, cores in idle.items()}, "varied": varied, "sizes": rows}


def format_progress(row: Figures) -> str:
    """Return one line about one size, to print while the others are still measured."""
    return f"… {row['definitions']} definitions: {row['seconds']} s"


def write_table(figures: Figures) -> str:
    """Return the figures as Markdown."""
    programs = [*figures["sizes"][-1]["by_program"]]
    heads = ["definitions", "seconds", "seconds each", "core-seconds each", *programs]
    lines = [f"| {' | '.join(heads)} |", f"|{' ---: |' * len(heads)}"]
    for row in figures["sizes"]:
        cells = [f"{row['definitions']:,}", f"{row['seconds']:.1f}", f"{row['seconds_per_definition']:.3f}"]
        cells += [f"{row['core_seconds_per_definition']:.3f}"]
        cells += [f"{row['by_program'].get(program, 0):.3f}" for program in programs]
        lines.append(f"| {' | '.join(cells)} |")
    idle = ", ".join(f"{name} {cores:.3f}" for name, cores in figures["idle_cores"].items())
    return "\n".join([*lines, "", f"Subtracted, cores in use while no training runs: {idle}."])


def main() -> None:
    """Measure, print a table and, if requested, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="definitions of each plan")
    parser.add_argument(
        "--vary", choices=("adapter", "model", "both"), default="both", help="what differs between definitions"
    )
    parser.add_argument("--idle", type=float, default=60, metavar="SECONDS", help="how long idling is measured")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write the figures to this file")
    chosen = parser.parse_args()
    machine = format_machine()
    figures = measure([int(size) for size in chosen.sizes.split(",")], chosen.idle, chosen.vary)
    print(f"\n{machine}\n\n{write_table(figures)}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"machine": describe_machine(), **figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
