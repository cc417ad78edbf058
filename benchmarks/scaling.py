"""What one definition costs in a scaled-out deployment: `PYTHONPATH=tests .venv/bin/python benchmarks/scaling.py`.

It starts every service of docker-compose.yaml on this machine, as the tests do, trains a plan of small definitions and
counts rows, transactions, calls of the API server, messages, connections, memory and processor time. What the services
use while no training runs is measured first and subtracted, so that a figure is the cost of a definition only.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from meters import COUNTED_SECONDS, Peaks, Reading, read_meters, sampled, subtract_idle

from pipeline.airflow_client.api import DAG_ID, ENDED_RUN_STATES
from scaled.cluster import Cluster, running_cluster
from scaled.compose import make_variables

Figures = dict[str, Any]
IDLE_SECONDS = 30
_DATABASES = ("airflow", "celery", "models", "examples")


def make_plan(definitions: int, first: float = 0.1) -> dict[str, Any]:
    """Return a plan of `definitions` different definitions of equal size."""
    alphas = [round(first + number / 1_000, 4) for number in range(definitions)]
    span = {"start_datetime_str": "1993-4-1", "end_datetime_str": "1993-4-24", "training_ratio": 0.7}
    return {
        "dataset": {"name": "SpanDataset", "options": span},
        "adapter": {"name": "WordFrequencyAdapter", "options": {"sequence_length": 200, "vocabulary_size": 2_000}},
        "model": {"name": "scikit_model_multinomial_naive_bayes", "options": {"alpha": alphas}},
    }


def train(cluster: Cluster, plan: dict[str, Any]) -> float:
    """Train a plan; return how many seconds its run took."""
    start = time.monotonic()
    run_id = cluster.airflow.trigger(plan)
    while (state := cluster.airflow.get_run_state(run_id)) not in ENDED_RUN_STATES:
        time.sleep(2)
    if state != "success":
        raise RuntimeError(f"the run {run_id} ended as {state}; see {cluster.folder}")
    return time.monotonic() - start


def wait_for_dag(cluster: Cluster) -> None:
    """Return once Airflow has read the DAG, which takes some time after its services are healthy."""
    while cluster.airflow.find(f"/api/v2/dags/{DAG_ID}") is None:
        time.sleep(1)


def measure(cluster: Cluster, definitions: int) -> Figures:
    """Return the figures of a plan of `definitions` definitions."""
    wait_for_dag(cluster)
    loaded = cluster.run("examples", "demo")
    if loaded.returncode:
        raise RuntimeError(loaded.stderr)
    train(cluster, make_plan(2, first=50))  # one-time work: caches, connections, the first fork
    time.sleep(COUNTED_SECONDS)
    started = read_meters(cluster)
    with sampled(cluster) as idle_peaks:
        time.sleep(IDLE_SECONDS)
    before = read_meters(cluster)
    with sampled(cluster) as peaks:
        seconds = train(cluster, make_plan(definitions))
    time.sleep(COUNTED_SECONDS)
    after = read_meters(cluster)
    return {
        "definitions": definitions,
        "workers": len(cluster.containers_of("worker")),
        "seconds": round(seconds, 1),
        **compare(started, before, after, definitions),
        "idle": to_dict(idle_peaks),
        "peak": to_dict(peaks),
    }


def compare(started: Reading, before: Reading, after: Reading, definitions: int) -> Figures:
    """Return counts for each definition, and counts for each second of idling."""
    longer = (after.at - before.at) / (before.at - started.at)

    def per_definition(name: str) -> dict[str, float]:
        idle = {
            key: (count - getattr(started, name).get(key, 0)) * longer for key, count in getattr(before, name).items()
        }
        counted = subtract_idle(getattr(after, name), getattr(before, name), idle)
        shares = {key: count / definitions for key, count in counted.items()}
        return {
            key: round(share, 2) for key, share in sorted(shares.items(), key=lambda item: -item[1]) if share >= 0.05
        }

    idle_seconds = before.at - started.at
    return {
        "rows": per_definition("rows"),
        "transactions": per_definition("transactions"),
        "requests": per_definition("requests"),
        "core_seconds": per_definition("core_seconds"),
        "executed": round((after.executed - before.executed) / definitions, 2),
        "log_bytes": round((after.log_bytes - before.log_bytes) / definitions),
        "idle_transactions_per_second": _rate(started.transactions, before.transactions, idle_seconds),
        "idle_cores": _rate(started.core_seconds, before.core_seconds, idle_seconds),
    }


def _rate(first: Mapping[str, float], last: Mapping[str, float], seconds: float) -> dict[str, float]:
    return {name: round((count - first.get(name, 0)) / seconds, 3) for name, count in last.items()}


def to_dict(peaks: Peaks) -> dict[str, dict[str, float]]:
    """Return peaks by kind, the largest first."""
    return {kind: {name: round(most) for name, most in counter.most_common()} for kind, counter in vars(peaks).items()}


def write_tables(figures: Figures) -> str:
    """Return the figures as Markdown."""
    rows = {name: sum(n for key, n in figures["rows"].items() if key.startswith(f"{name}.")) for name in _DATABASES}
    requests = figures["requests"]
    lines = ["| one definition costs | |", "| --- | ---: |"]
    lines += [f"| rows written in `{name}` | {rows[name]:.1f} |" for name in _DATABASES]
    lines += [f"| transactions in `{name}` | {figures['transactions'].get(name, 0):.1f} |" for name in _DATABASES]
    lines += [f"| calls of the API server | {sum(requests.values()):.1f} |"]
    lines += [f"| … `{name}` | {count:.1f} |" for name, count in requests.items()]
    lines += [f"| task messages | {figures['executed']:.2f} |", f"| bytes of logs | {figures['log_bytes']:,} |"]
    lines += [f"| core-seconds, all services | {sum(figures['core_seconds'].values()):.2f} |"]
    lines += [f"| … {name} | {count:.2f} |" for name, count in figures["core_seconds"].items()]
    lines += ["", "| service | MB idle | MB at peak | PostgreSQL | RabbitMQ |", "| --- | ---: | ---: | ---: | ---: |"]
    idle, peak = figures["idle"], figures["peak"]
    for name, most in peak["memory_mb"].items():
        cells = (idle["memory_mb"].get(name, 0), most, peak["postgresql"].get(name, 0), peak["rabbitmq"].get(name, 0))
        lines.append(f"| {name} | {' | '.join(str(cell) for cell in cells)} |")
    lines += [
        "",
        f"Sessions at peak: {peak['sessions']}; idle transactions/s: {figures['idle_transactions_per_second']}",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and print tables, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--definitions", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="scaling-", ignore_cleanup_errors=True) as folder,
        running_cluster(Path(folder), make_variables(), chosen.workers) as cluster,
    ):
        figures = measure(cluster, chosen.definitions)
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    if chosen.json:
        sys.stdout.write(json.dumps({"machine": machine, **figures}, indent=2) + "\n")
        return
    head = f"{figures['definitions']} definitions on {figures['workers']} workers, {figures['seconds']} s"
    sys.stdout.write(f"{machine['cores']} cores, Python {machine['python']}; {head}\n\n{write_tables(figures)}\n")


if __name__ == "__main__":
    main()
