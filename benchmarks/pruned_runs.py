"""What runs leave in every table and folder of a deployment, before and after `pipeline prune`.

Measured by `python benchmarks/pruned_runs.py`: runs of a tiny plan are made, made old and pruned, twice. What is left
after the second time may not be more than after the first, except for the room that PostgreSQL keeps for new rows.
"""

import argparse
import json
import os
import time
from typing import Any, Final

import psycopg
from embedded import Embedded, embedded_deployment
from machine import describe_machine, format_machine

from pipeline.deployment.postgres import server_url
from pipeline.deployment.record import Record, Secrets

RUNS, DAYS = 150, 40
DATABASES: Final = ("airflow", "models", "notifications", "examples")
PLAN: Final = {
    "dataset": {
        "name": "SpanDataset",
        "options": {"start_datetime_str": "1993-4-1", "end_datetime_str": "1993-4-24", "training_ratio": 0.7},
    },
    "adapter": {"name": "TfidfAdapter", "options": {"max_features": 100}},
    "model": {"name": "scikit_model_nearest_centroid"},
}
AGED: Final = {
    "airflow": {
        "dag_run": "start_date", "task_instance": "start_date", "task_instance_history": "start_date", "log": "dttm",
        "xcom": "timestamp", "task_reschedule": "start_date",
    },
    "models": {"models": "created_at", "runs": "closed_at", "deleted_models": "deleted_at"},
    "notifications": {"notification_messages": "published_at"},
}  # fmt: skip
Sizes = dict[str, tuple[int, int]]
"""Rows, or files of a folder, and bytes."""


def measure(runs: int) -> list[Sizes]:
    """Return the sizes after the first runs, after pruning them, and after the same once more."""
    found = []
    with embedded_deployment() as deployment:
        deployment.run("examples", "demo")
        for _ in range(2):
            train(deployment, runs)
            found.append(read_sizes(deployment))
            make_old(deployment)
            deployment.run("prune", "--days", "30", "--delete")
            found.append(read_sizes(deployment))
    return found


def train(deployment: Embedded, runs: int) -> None:
    """Let a tiny plan be trained so many times, some runs at once, as Airflow wants."""
    airflow = deployment.airflow
    triggered = [airflow.trigger(PLAN) for _ in range(runs)]
    while any(airflow.get_run_state(run_id) not in ("success", "failed") for run_id in triggered[-20:]):
        time.sleep(2)
    states = {airflow.get_run_state(run_id) for run_id in triggered}
    if states != {"success"}:
        raise RuntimeError(f"runs ended as {states}")


def read_sizes(deployment: Embedded) -> Sizes:
    """Return the sizes of every table that has rows, after a vacuum, and of every folder of logs."""
    sizes: Sizes = {}
    for database in DATABASES:
        with connect(deployment, database) as connection:
            connection.execute("VACUUM (ANALYZE)")
            query = "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = "
            for table, size_bytes in connection.execute(query + "'public'::regnamespace").fetchall():
                row = connection.execute(f'SELECT count(*) FROM "{table}"'.encode()).fetchone()  # noqa: S608
                if row and row[0]:
                    sizes[f"{database}.{table}"] = (row[0], size_bytes)
    for name in ("airflow/logs", "logs", "prepared", "service"):
        files = [path for path in (deployment.home.path / name).rglob("*") if path.is_file()]
        sizes[f"{name}/"] = (len(files), sum(path.stat().st_size for path in files))
    return sizes


def make_old(deployment: Embedded) -> None:
    """Let everything be older by some days."""
    for database, columns in AGED.items():
        with connect(deployment, database) as connection:
            for table, column in columns.items():
                change = f"UPDATE {table} SET {column} = {column} - interval '{DAYS} days'"  # noqa: S608
                connection.execute(change.encode())
    before = time.time() - DAYS * 86_400
    for path in (deployment.home.path / "airflow/logs").rglob("*"):
        if not path.is_symlink():
            os.utime(path, (before, before))


def connect(deployment: Embedded, database: str) -> psycopg.Connection[Any]:
    """Return a connection of the server's superuser."""
    record, secrets = Record.read(deployment.home), Secrets.read(deployment.home)
    url = server_url(record.postgres_port, secrets.postgres_password, database)
    return psycopg.connect(url, autocommit=True)


def main() -> None:
    """Measure, and print the table of what had more than a hundred rows or files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of one definition each, twice")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    found = measure(chosen.runs)
    if chosen.json:
        print(json.dumps({"machine": describe_machine(), "sizes": found}, indent=2))
        return
    print(format_machine(), "\n")
    print(f"| place | after {chosen.runs} runs | kB | pruned | kB | as many again | kB | pruned | kB |")
    print("| --- " + "| --: " * 8 + "|")
    for place in sorted({place for sizes in found for place, (rows, _) in sizes.items() if rows > chosen.runs // 2}):
        cells = [sizes.get(place, (0, 0)) for sizes in found]
        print("|", " | ".join([f"`{place}`", *(f"{rows:,} | {size // 1024:,}" for rows, size in cells)]), "|")


if __name__ == "__main__":
    main()
