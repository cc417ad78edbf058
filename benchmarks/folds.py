"""`folds: 5` beside `GridSearchCV(cv=5)` on the same folds: `python benchmarks/folds.py FILE [--rounds 3]`.

Both train the definitions of `benchmarks/sweeps/folds.json` on the newest examples of FILE. The product runs a whole
deployment: it also trains every definition on the whole training set, tests, stores and announces it. GridSearchCV does
not (`refit=False`). Their means must agree in four digits.
"""

import argparse
import logging
import os
import tempfile
from pathlib import Path
from statistics import median

import structlog
from embedded import Embedded, embedded_deployment
from machine import format_machine
from overhead import make_plan, write_examples
from peers.contestants import GRID, GRID_MEMORY, OURS, Arena, list_peers
from peers.prepare import MemorySource, Sweep, prepare
from peers.work import Outcome, Stopwatch

from pipeline.stores.models.ledger import Ledger

NAME = "folds"
AGREE_WITHIN = 0.00005
TARGET = 0.6


def train_ours(deployment: Embedded, sweep: Sweep) -> Outcome:
    """Train the plan with nothing prepared, on a deployment that runs only meanwhile."""
    deployment.start()
    try:
        deployment.train(make_plan(4, 0, "adapter"))  # one-time work after a start
        deployment.run("prepared", "clear")
        with Stopwatch() as watch:
            run_id, seconds = deployment.train(sweep.plan)
        rows = Ledger(deployment.connections.models_db).list_definitions(run_id)
    finally:
        deployment.stop()
    return Outcome(seconds, watch.core_seconds, {row["label"]: row["score"] for row in rows})


def find_difference(first: Outcome, second: Outcome) -> float:
    """Return the largest difference between two contestants' means of a definition."""
    return max(abs(first.accuracies[label] - second.accuracies[label]) for label in first.accuracies)


def main() -> None:
    """Measure in turns, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="examples, .csv or .csv.gz")
    parser.add_argument("--rounds", type=int, default=3, help="how often each; medians count")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    machine, cores = format_machine(), len(os.sched_getaffinity(0))
    found: dict[str, list[Outcome]] = {OURS: [], GRID: [], GRID_MEMORY: []}
    with tempfile.TemporaryDirectory(prefix="folds-", ignore_cleanup_errors=True) as folder:
        arena = Arena(Path(folder), Path("none"))
        sweep = prepare(NAME, MemorySource(given.file), arena.folder, cores, None)
        peers = list_peers(arena)
        with embedded_deployment() as deployment:
            warm_up = arena.folder / "warm-up.csv"
            write_examples(warm_up)
            deployment.run("examples", "load", str(warm_up))
            deployment.run("examples", "load", str(sweep.examples_file), "--collection", NAME, "--id", "id")
            deployment.stop()
            for number in range(given.rounds):
                for name in found:
                    ours = name == OURS
                    found[name].append(train_ours(deployment, sweep) if ours else peers[name](sweep)[name])
                    print(f"… {number + 1}/{given.rounds} {name}: {found[name][-1].seconds:.1f} s", flush=True)
    print(f"\n{machine}\n\n{len(sweep.work.definitions)} definitions, {sweep.work.training:,} examples in 5 folds\n")
    print("| | seconds | ours ÷ this | largest difference of a mean |\n| --- | ---: | ---: | ---: |")
    seconds = {name: median(each.seconds for each in outcomes) for name, outcomes in found.items()}
    for name, took in seconds.items():
        difference = find_difference(found[OURS][0], found[name][0])
        agree = "" if difference < AGREE_WITHIN else " **(differs)**"
        print(f"| {name} | {took:.1f} | {seconds[OURS] / took:.2f} | {difference:.6f}{agree} |")
    met = "yes" if seconds[OURS] <= TARGET * seconds[GRID] else "**no**"
    print(f"\nat most {TARGET} × {GRID}: {met}")


if __name__ == "__main__":
    main()
