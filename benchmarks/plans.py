"""Time and memory to count, expand, label and preview plans: `python benchmarks/plans.py [--json]`.

Every figure is measured in a process of its own, so that one measurement does not count another's memory; seconds are
the median of several such processes. scikit-learn's `ParameterGrid`, which lists dicts and neither checks nor labels
them, is measured for comparison.
"""

import argparse
import gc
import json
import math
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

Plan = dict[str, Any]
Row = dict[str, Any]

GRID = ": grid"
SIZES = (1_000, 10_000, 100_000)
DAY: Plan = {"start_datetime_str": "2016-1-1", "end_datetime_str": "2016-1-2", "training_ratio": 0.8}
TEN = list(range(1, 11))
ADAPTER = ("sequence_length", "vector_size", "window", "epochs", "min_count")
MODEL = ("degree", "C", "gamma", "coef0", "max_iter")


def make_plan(dataset: Plan, adapter: Any, model: Any, **settings: Any) -> Plan:
    """Return a plan over one day; an adapter or a model may be a list of blocks."""
    plan: Plan = {
        "dataset": {"name": "SpanDataset", "options": DAY | dataset},
        "adapter": adapter if isinstance(adapter, list) else {"name": "Word2VecAdapter", "options": adapter},
        "model": model if isinstance(model, list) else {"name": "scikit_model_svm", "options": model},
    }
    return plan | {"max_definitions": 100_000} | settings


def make_wide(size: int) -> Plan:
    """Return a plan whose definitions differ in their adapter only."""
    return make_plan({}, {"sequence_length": count_to(size // 10), "window": TEN}, {})


def make_multiplied(size: int, **settings: Any) -> Plan:
    """Return a plan that multiplies datasets, adapters and models."""
    datasets, adapters = {1_000: (10, 10), 10_000: (10, 20), 100_000: (20, 50)}[size]
    ratios = [number / 100 for number in count_to(datasets)]
    models = {"C": count_to(size // datasets // adapters)}
    return make_plan({"training_ratio": ratios}, {"sequence_length": count_to(adapters)}, models, **settings)


def make_excluding(size: int) -> Plan:
    """Return the same plan with twenty rules that overlap."""
    rules = [
        {"dataset.options.training_ratio": number / 100, "adapter.options.sequence_length": [number % 10 + 1, 3]}
        for number in TEN
    ]
    rules += [{"adapter.options.sequence_length": number, "model.options.C": [number, number + 1]} for number in TEN]
    return make_multiplied(size, exclude=rules)


def make_blocks(size: int) -> Plan:
    """Return a plan with ten overlapping blocks of one class: each shares a window with the next, eleven in all."""
    lengths = count_to(size // 110)
    blocks = [
        {"name": "Word2VecAdapter", "options": {"sequence_length": lengths, "window": [first, first + 1]}}
        for first in TEN
    ]
    return make_plan({}, blocks, {"C": TEN})


def make_inert(size: int) -> Plan:
    """Return a plan in which three quarters of the degrees have no effect."""
    models = {"kernel": ["linear", "poly", "rbf", "sigmoid"], "degree": count_to(25)}
    return make_plan({}, {"sequence_length": count_to(size // 100)}, models, collapse_inert=True)


def make_huge(**settings: Any) -> Plan:
    """Return a plan of 10¹² permutations."""
    ratios = [number / 101 for number in count_to(100)]
    return make_plan({"training_ratio": ratios}, dict.fromkeys(ADAPTER, TEN), dict.fromkeys(MODEL, TEN), **settings)


def make_huge_excluding() -> Plan:
    """Return the same plan with twenty rules over different options."""
    rules: list[Plan] = [
        {f"adapter.options.{name}": number, "model.options.C": number} for name in ADAPTER for number in (1, 2, 3)
    ]
    rules += [{f"model.options.{name}": [4, 5], "adapter.options.window": 6} for name in MODEL]
    return make_huge(exclude=rules)


def count_to(number: int) -> list[int]:
    """Return the numbers from 1 to `number`."""
    return list(range(1, number + 1))


def expand_plan(plan: Plan) -> Row:
    """Expand and label a plan, or let it be refused, in a process that has expanded another plan before."""
    from pipeline.plans import PlanError, expand

    expand(make_plan({}, {"sequence_length": 1}, {}))
    set_imports_aside()
    start = time.perf_counter()
    try:
        definitions = len([definition.label for definition in expand(plan).definitions])
    except PlanError:
        definitions = 0
    return {"seconds": time.perf_counter() - start, "definitions": definitions, "peak_mb": peak_mb()}


def expand_first(plan: Plan) -> Row:
    """Import the product and expand the first plan of a process."""
    start = time.perf_counter()
    from pipeline.plans import expand

    definitions = len(expand(plan).definitions)
    return {"seconds": time.perf_counter() - start, "definitions": definitions, "peak_mb": peak_mb()}


def list_grid(plan: Plan) -> Row:
    """Let scikit-learn list the permutations of a plan's lists; it ignores rules, repetitions and settings."""
    from sklearn.model_selection import ParameterGrid

    grids: list[Plan] = [{}]
    for section in ("dataset", "adapter", "model"):
        blocks = plan[section] if isinstance(plan[section], list) else [plan[section]]
        grids = [grid | _list_values(section, block) for grid in grids for block in blocks]
    set_imports_aside()
    start = time.perf_counter()
    grid = ParameterGrid(grids)
    count = len(grid)
    if count <= max(SIZES) * 2:
        list(grid)
    return {"seconds": time.perf_counter() - start, "definitions": count, "peak_mb": peak_mb()}


def _list_values(section: str, block: Plan) -> Plan:
    return {
        f"{section}__{name}": values if isinstance(values, list) else [values]
        for name, values in block["options"].items()
    }


def preview_plan(plan: Plan, *options: str) -> Row:
    """Run `pipeline plan preview` on a plan's file, without a deployment; interpreter and imports count."""
    command = [sys.executable, "-c", "from pipeline.cli.app import main; main()", "plan", "preview"]
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "plan.json"
        path.write_text(json.dumps(plan), encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        start = time.perf_counter()
        done = subprocess.run(
            [*command, str(path), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=environment | {"PIPELINE_HOME": home},
        )
        seconds = time.perf_counter() - start
    if done.returncode and "max_definitions" not in done.stderr:
        raise RuntimeError(done.stderr)
    return {"seconds": seconds, "definitions": None, "peak_mb": peak_mb(resource.RUSAGE_CHILDREN)}


def set_imports_aside() -> None:
    """Prevent the garbage collector from scanning all imported objects during a short measurement."""
    gc.collect()
    gc.freeze()


def peak_mb(who: int = resource.RUSAGE_SELF) -> float:
    """Return the memory peak of this process, or of the largest of its children."""
    return resource.getrusage(who).ru_maxrss / 1024


SHAPES: dict[str, Callable[[int], Plan]] = {
    "one wide section": make_wide,
    "three sections multiplied": make_multiplied,
    "the same with 20 rules": make_excluding,
    "a list of 10 blocks": make_blocks,
    "with collapse_inert": make_inert,
}
COUNTED = {f"{shape}, {size:,}": partial(make, size) for shape, make in SHAPES.items() for size in SIZES}
HUGE: dict[str, Callable[[], Plan]] = {
    "10¹² permutations, refused": make_huge,
    "10¹² permutations, 20 rules, refused": make_huge_excluding,
    "10¹² permutations, a sample of 1,000": partial(make_huge, sample=1_000),
}
MEASUREMENTS: dict[str, Callable[[], Row]] = {
    "import, and the first plan": lambda: expand_first(make_wide(10)),
    **{name: lambda make=make: expand_plan(make()) for name, make in (COUNTED | HUGE).items()},  # type: ignore[misc]
    **{f"{name}{GRID}": lambda make=make: list_grid(make()) for name, make in (COUNTED | HUGE).items()},  # type: ignore[misc]
    "plan preview, 1 definition": lambda: preview_plan(make_plan({}, {"sequence_length": 1}, {})),
    "plan preview, 100,000": lambda: preview_plan(make_multiplied(100_000)),
    "plan preview --json, 100,000": lambda: preview_plan(make_multiplied(100_000), "--json"),
    "plan preview, 10¹², refused": lambda: preview_plan(make_huge()),
}


def measure(name: str, rounds: int) -> Row:
    """Return the medians of several processes that each do one measurement."""
    command = [sys.executable, __file__, "--only", name]
    found: list[Row] = [
        json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout) for _ in range(rounds)
    ]
    return found[0] | {key: statistics.median(each[key] for each in found) for key in ("seconds", "peak_mb")}


def measure_all(rounds: int) -> list[Row]:
    """Return a row for each measurement, with its peer's figures and the growth from the next smaller size."""
    rows: list[Row] = []
    for name in MEASUREMENTS:
        if name.endswith(GRID):
            continue
        row = {"name": name, **measure(name, rounds)}
        if name + GRID in MEASUREMENTS:
            peer = measure(name + GRID, rounds)
            row |= {"grid_seconds": peer["seconds"], "grid_peak_mb": peer["peak_mb"]}
            row["ratio"] = row["seconds"] / peer["seconds"]
        if rows and name in COUNTED and rows[-1]["name"].rpartition(", ")[0] == name.rpartition(", ")[0]:
            smaller = rows[-1]
            row["growth"] = math.log(row["seconds"] / smaller["seconds"]) / math.log(
                row["definitions"] / smaller["definitions"]
            )
        rows.append(row)
        sys.stderr.write(f"{name}: {row['seconds']:.3f} s\n")
    return rows


def write_table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| plan | definitions | seconds | growth | peak MB | `ParameterGrid`: seconds | peak MB | ratio |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    columns = (
        ("definitions", ",.0f"),
        ("seconds", ".2f"),
        ("growth", ".2f"),
        ("peak_mb", ".0f"),
        ("grid_seconds", ".3f"),
        ("grid_peak_mb", ".0f"),
        ("ratio", ",.0f"),
    )
    for row in rows:
        cells = ["" if row.get(key) is None else format(row[key], form) for key, form in columns]
        lines.append(f"| {' | '.join([row['name'], *cells])} |")
    return "\n".join(lines)


def main() -> None:
    """Measure everything and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--rounds", type=int, default=3, help="processes per measurement; the median counts")
    parser.add_argument("--only", metavar="NAME", choices=[*MEASUREMENTS], help="do one measurement, in this process")
    chosen = parser.parse_args()
    if chosen.only:
        sys.stdout.write(json.dumps(MEASUREMENTS[chosen.only]()))
        return
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    rows = measure_all(chosen.rounds)
    if chosen.json:
        sys.stdout.write(json.dumps({"machine": machine, "rounds": chosen.rounds, "rows": rows}, indent=2) + "\n")
    else:
        sys.stdout.write(f"{machine['cores']} cores, Python {machine['python']}\n\n{write_table(rows)}\n")


if __name__ == "__main__":
    main()
