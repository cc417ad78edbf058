"""What a search saves and what it loses: `python benchmarks/search.py FILE … [--rounds 3] [--json OUT]`.

A deployment of its own, as `pipeline up` creates it, trains `benchmarks/sweeps/search.json` on each file: in full and
with a search, in turns, each time with nothing prepared. Seconds run from the trigger by REST to the last notification.
Winners are chosen on the validation set, and compared on the testing set, on which nobody chose.

With `--pictures FOLDER`, peers search the same definitions on the same examples for as long as the search took: which
model would each hand over when? A peer trains in memory and stores nothing. Optuna and Ray take part if
`benchmarks/.peers` has them: see `benchmarks/requirements-peers.txt`.
"""

import argparse
import json
import logging
import os
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import structlog
from embedded import Embedded, embedded_deployment
from machine import describe_machine, format_machine
from peers import picture
from peers.contestants import Arena
from peers.prepare import MemorySource, prepare
from peers.tries import Reached

from pipeline.registry.significance import LEVEL, paired_p_value, read_codes
from pipeline.stores.models.ledger import Ledger

PLAN = Path(__file__).parent / "sweeps" / "search.json"
SEARCH, FULL = "search", "in full"
OURS = "pipeline, search"
PEERS_PYTHON = Path(__file__).parent / ".peers" / "bin" / "python"
PEERS = {
    "HalvingGridSearchCV": ("halving_grid", None),
    "Optuna, TPE and Hyperband": ("optuna_hyperband", PEERS_PYTHON),
    "Ray Tune, ASHA": ("ray_asha", PEERS_PYTHON),
}
"""Module and Python of each peer; None is this one."""
ANSWERS = """
SELECT models.answers, truths FROM models JOIN testing_sets ON sha256 = testing_set
WHERE run_id = %(run_id)s AND label = %(label)s
"""


@dataclass(frozen=True)
class Trained:
    """What one run did.

    Attributes:
        run_id: the run.
        seconds: from the trigger to the last notification.
        definitions: how many were trained in full.
        winner: the label of the best by the validation set.
        accuracy: of the winner, on the testing set.
        steps: seconds since the trigger, and the accuracy of the best model that was stored by then.
    """

    run_id: str
    seconds: float
    definitions: int
    winner: str
    accuracy: float
    steps: list[tuple[float, float]]


def make_plan(collection: str, search: dict[str, Any] | None) -> dict[str, Any]:
    """Return the plan on the examples of a collection; no search trains it in full."""
    plan: dict[str, Any] = json.loads(PLAN.read_text(encoding="utf-8"))
    plan["dataset"]["options"]["collection"] = collection
    return plan | {"search": search}


def train(deployment: Embedded, collection: str, search: dict[str, Any] | None) -> Trained:
    """Train the plan with nothing prepared."""
    deployment.run("prepared", "clear")
    began = datetime.now(UTC)
    run_id, seconds = deployment.train(make_plan(collection, search))
    rows = Ledger(deployment.connections.models_db).list_definitions(run_id)
    trained = sorted((row for row in rows if row["score"] is not None), key=lambda row: row["ended_at"])
    best = [max(trained[: count + 1], key=_rank) for count in range(len(trained))]
    stored = [(row["ended_at"] - began).total_seconds() for row in trained]
    steps = [(at, row["accuracy"]) for at, row in zip(stored, best, strict=True)]
    return Trained(run_id, seconds, len(trained), best[-1]["label"], best[-1]["accuracy"], steps)


def _rank(row: dict[str, Any]) -> tuple[float, float, int]:
    return row["score"], row["choice_macro_f1"], -row["position"]


def compare(deployment: Embedded, first: Trained, second: Trained) -> float:
    """Return the p-value of two winners, by their answers to the testing set."""
    right = []
    with deployment.connections.models_db.connection() as connection:
        for each in (first, second):
            found = connection.execute(ANSWERS, {"run_id": each.run_id, "label": each.winner}).fetchone()
            answers, truths = map(read_codes, found or (b"", b""))
            right.append(np.asarray(answers == truths))
    return paired_p_value(*right)


def measure(deployment: Embedded, path: Path, rounds: int, search: dict[str, Any]) -> dict[str, Any]:
    """Train one file's examples in turns, and return the figures."""
    collection = path.name.partition(".")[0]
    deployment.run("examples", "load", str(path), "--collection", collection)
    found: dict[str, list[Trained]] = {FULL: [], SEARCH: []}
    for number in range(rounds):
        for kind in [*found] if number % 2 == 0 else [*found][::-1]:
            latest = train(deployment, collection, search if kind == SEARCH else None)
            found[kind].append(latest)
            print(f"… {collection} {number + 1}/{rounds} {kind}: {latest.seconds:.1f} s, {latest.winner}", flush=True)
    seconds = {kind: median(each.seconds for each in trained) for kind, trained in found.items()}
    searched, full = found[SEARCH][-1], found[FULL][-1]
    pairs = zip(found[SEARCH], found[FULL], strict=True)
    return {
        "examples": collection,
        "search_seconds": round(seconds[SEARCH], 1),
        "full_seconds": round(seconds[FULL], 1),
        "ratio": round(seconds[SEARCH] / seconds[FULL], 3),
        "ratios": [round(one.seconds / other.seconds, 3) for one, other in pairs],
        "search": asdict(searched),
        "full": asdict(full),
        "p_value": round(compare(deployment, searched, full), 4),
    }


def race(path: Path, folder: Path, seconds: float) -> dict[str, list[tuple[float, float]]]:
    """Let peers search for so many seconds, and return when each had which accuracy in hand."""
    found = {}
    arena = Arena(folder, PEERS_PYTHON)
    sweep = prepare(PLAN.stem, MemorySource(path), folder, len(os.sched_getaffinity(0)), None)
    for name, (module, python) in PEERS.items():
        if python is not None and not python.exists():
            continue
        reached = arena.read_apart(Reached.read, module, sweep, f"{seconds:.1f}", python=python)
        whole = [each.seconds for each in reached.tried if each.part == 1]
        best = [(at, reached.find_best(at)) for at in whole]
        found[name] = [(at, each.testing) for at, each in best if each is not None]
        print(f"… {name}: {len(reached.tried)} trainings, {found[name][-1:]}", flush=True)
    return found


def describe_steps(steps: list[tuple[float, float]], end: float) -> list[str]:
    """Return the accuracy in hand after a quarter, a half, and all of some seconds, and when the first model was."""
    cells = []
    for share in (0.25, 0.5, 1):
        by_then = [accuracy for at, accuracy in steps if at <= share * end]
        cells.append(f"{by_then[-1]:.4f}" if by_then else "–")
    return [*cells, f"{steps[0][0]:.0f} s" if steps else "–"]


def write_race(collection: str, curves: dict[str, list[tuple[float, float]]], end: float) -> str:
    """Return the accuracies by time as Markdown."""
    lines = [
        f"`{collection}`, accuracy of the model in hand",
        "",
        f"| | {end / 4:.0f} s | {end / 2:.0f} s | {end:.0f} s | first model |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [f"| {name} | {' | '.join(describe_steps(steps, end))} |" for name, steps in curves.items()]
    return "\n".join(lines)


def write_table(rows: list[dict[str, Any]]) -> str:
    """Return the figures as Markdown."""
    lines = [
        "| examples | in full | search | ratio | of each round | trained in full | accuracy | p-value | tie |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for row in rows:
        searched, full = row["search"], row["full"]
        lines.append(
            f"| `{row['examples']}` | {row['full_seconds']:.1f} s | {row['search_seconds']:.1f} s | {row['ratio']:.2f} "
            f"| {min(row['ratios']):.2f}–{max(row['ratios']):.2f} | {searched['definitions']} of {full['definitions']} "
            f"| {searched['accuracy']:.4f}, in full {full['accuracy']:.4f} | {row['p_value']:.2f} "
            f"| {'yes' if row['p_value'] >= LEVEL else '**no**'} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, print a table and, if requested, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", help="examples, .csv or .csv.gz")
    parser.add_argument("--rounds", type=int, default=3, help="how often each; medians count")
    parser.add_argument(
        "--search", type=json.loads, default={"method": "halving"}, metavar="JSON", help='such as {"factor": 4}'
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write all results to this file")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="also let peers search, and draw it there")
    given = parser.parse_args()
    machine = format_machine()
    with embedded_deployment() as deployment:
        rows = [measure(deployment, path, given.rounds, given.search) for path in given.files]
    print(f"\n{machine}\n\n{write_table(rows)}", flush=True)
    for path, row in zip(given.files, rows, strict=True) if given.pictures else ():
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        with tempfile.TemporaryDirectory(prefix="search-", ignore_cleanup_errors=True) as folder:
            seconds = row["search_seconds"]
            row["peers"] = race(path, Path(folder), seconds)
        curves = {OURS: row["search"]["steps"], **row["peers"]}
        title = f"{row['examples']}: accuracy of the model in hand"
        picture.write(given.pictures / f"search-{row['examples']}.svg", title, curves, seconds)
        print(f"\n{write_race(row['examples'], curves, seconds)}", flush=True)
    if given.json:
        given.json.write_text(json.dumps({"machine": describe_machine(), "rows": rows}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
