"""How much readers disturb a run: `python benchmarks/disturbance.py [--readers 200] [--downloads 60] [--json OUT]`.

A deployment of its own, as `pipeline up` creates it, trains the 32 definitions of `benchmarks/sweeps/word2vec.json` on
made-up examples: undisturbed, then while many viewers read the leaderboard of the run at once, each again and again,
then while many users download documents. Nothing prepared is kept between the runs. The readers run on this machine
too, so they also take some of its cores. Meanwhile, `/execution/health` is asked ten times a second: it shows how long
a task's heartbeat would take.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psutil
from embedded import Embedded, embedded_deployment
from machine import describe_machine, format_machine
from overhead import make_plan, write_examples

from pipeline.airflow_client.api import DAG_ID, AirflowApi
from pipeline.deployment.processes import find_processes
from pipeline.deployment.programs import API_SERVER, EXECUTION_API
from pipeline.deployment.record import Record
from pipeline.deployment.users import add_user

Figures = dict[str, Any]
Flood = Callable[[str], AbstractContextManager[Figures]]
HERE = Path(__file__).parent
PLAN = json.loads((HERE / "sweeps" / "word2vec.json").read_text(encoding="utf-8"))
EXAMPLES, CLASSES, WORDS = 10_000, 20, 60
ASK_SECONDS = 0.1
COLUMNS = {
    "name": "", "seconds": "run, s", "ratio": "ratio", "lost_tries": "tries lost", "health_p99": "health p99, s",
    "health_most": "health at most, s", "answered": "answered", "answer_median": "median, s", "answer_p99": "p99, s",
    "refused": "refused", "server_seconds": "core-s of api-server",
}  # fmt: skip
DOCUMENTS = 8
"""Downloads are of this many models."""


@dataclass
class Health:
    """Seconds that `/execution/health` took."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    def find(self, share: float) -> float:
        """Return the seconds within which a share of the answers came."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@contextmanager
def watched(url: str) -> Iterator[Health]:
    """Ask the Execution API for its health again and again while the block runs."""
    health, ended = Health(), threading.Event()

    def watch() -> None:
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            while not ended.wait(ASK_SECONDS):
                begun = time.perf_counter()
                try:
                    client.get("/execution/health").json()
                except (httpx.TransportError, ValueError):
                    health.failed += 1
                health.seconds.append(time.perf_counter() - begun)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield health
    finally:
        ended.set()
        thread.join()


@contextmanager
def flooded(addresses: list[str], token: str, clients: int, impatient: bool) -> Iterator[Figures]:
    """Let clients ask while the block runs; afterwards, the result says what they were answered."""
    command = [sys.executable, str(HERE / "flood.py"), *addresses, "--clients", str(clients)]
    process = subprocess.Popen(
        command + ["--impatient"] * impatient,
        env=os.environ | {"FLOOD_TOKEN": token},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C goes to this process only
    )
    told: Figures = {}
    try:
        yield told
        told |= json.loads(process.communicate()[0])
    finally:
        process.kill()
        process.wait()


def make_token(deployment: Embedded, role: str) -> str:
    """Add a user of a role and return the token of a login."""
    name = f"a-{role}"
    password = add_user(deployment.home, name, role)
    return AirflowApi(deployment.airflow.url, name, password).token


def write_made_up(path: Path, count: int) -> None:
    """Write examples of which each has common words, and some words that its class uses more than others."""
    draw = random.Random(0)  # noqa: S311
    common = [f"word{number}" for number in range(20_000)]
    weights = [1 / (place + 10) for place in range(len(common))]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("time", "label", "text"))
        for number in range(count):
            kind = number % CLASSES
            own = [f"topic{kind}x{draw.randrange(50)}" for _ in range(draw.randrange(6))]
            words = draw.choices(common, weights, k=WORDS) + own
            draw.shuffle(words)
            moment = datetime(2016, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
            writer.writerow((moment.isoformat(), f"class {kind}", " ".join(words)))


def measure(deployment: Embedded, name: str, flood: Flood | None = None) -> Figures:
    """Return what one run took, and what its readers and tasks were answered.

    Args:
        deployment: where to train.
        name: the row's name.
        flood: returns what goes on meanwhile, by the run's id; its figures are added.
    """
    deployment.run("prepared", "clear")
    told: Figures = {}

    @contextmanager
    def disturb(run_id: str) -> Iterator[None]:
        nonlocal told
        with nullcontext(told) if flood is None else flood(run_id) as told:
            yield

    used = deployment.read_core_seconds()[API_SERVER.name]
    with watched(Record.read(deployment.home).execution_url) as health:
        run_id, seconds = deployment.train(PLAN, disturb)
    counts = told.get("counts", {})
    row = {
        "name": name,
        "seconds": round(seconds, 1),
        "lost_tries": count_lost_tries(deployment, run_id),
        "health_p99": round(health.find(0.99), 3),
        "health_most": round(health.find(1), 3),
        "health_failed": health.failed,
        "answered": counts.pop("answered", 0),
        "refused": counts.pop("refused", 0),
        "answer_median": round(told.get("median", 0), 2),
        "answer_p99": round(told.get("p99", 0), 2),
        "server_seconds": round(deployment.read_core_seconds()[API_SERVER.name] - used, 1),
        "other": counts,
        "run": run_id,
    }
    print(f"… {name}: {row['seconds']} s", file=sys.stderr, flush=True)
    return row


def count_lost_tries(deployment: Embedded, run_id: str) -> int:
    """Return how often a task of a run had to be tried again."""
    answer = deployment.airflow.find(f"/api/v2/dags/{DAG_ID}/dagRuns/{quote(run_id)}/taskInstances?limit=100")
    return sum(max(0, each["try_number"] - 1) for each in answer["task_instances"])


def measure_memory(deployment: Embedded) -> dict[str, int]:
    """Return the MB of each API server: its private memory and its part of shared memory."""
    record = Record.read(deployment.home)
    return {
        program.name: round(sum(psutil.Process(each.pid).memory_full_info().pss for each in found) / 2**20)
        for program in (EXECUTION_API, API_SERVER)
        for found in [find_processes(deployment.home, record.id, program.name)]
    }


def measure_all(readers: int, downloads: int, examples: int, impatient: bool) -> Figures:
    """Return the figures of the three runs, one after the other on one deployment."""
    with embedded_deployment() as deployment, tempfile.TemporaryDirectory() as folder:
        write_examples(Path(folder, "warm-up.csv"))
        write_made_up(Path(folder, "examples.csv"), examples)
        deployment.run("examples", "load", str(Path(folder, "warm-up.csv")), "--collection", "warm-up")
        deployment.run("examples", "load", str(Path(folder, "examples.csv")))
        deployment.train(make_plan(4, 0, "adapter"))  # one-time work after a start
        registry = f"{deployment.airflow.url}/registry"

        def read(run_id: str) -> AbstractContextManager[Figures]:
            addresses = [f"{registry}/definitions?run={quote(run_id, safe='')}&sort=-accuracy&limit=50"]
            return flooded(addresses, make_token(deployment, "viewer"), readers, impatient)

        def download(_: str) -> AbstractContextManager[Figures]:
            token = make_token(deployment, "user")
            labels = [row["label"] for row in list_rows(registry, rows[0]["run"], token)]
            addresses = [f"{registry}/models/{label}/document" for label in labels[:DOCUMENTS]]
            return flooded(addresses, token, downloads, impatient)

        rows = [measure(deployment, "undisturbed")]
        before = measure_memory(deployment)
        rows.append(measure(deployment, f"{readers} read the leaderboard", read))
        rows.append(measure(deployment, f"{downloads} download documents", download))
        memory = {"undisturbed": before, "after": measure_memory(deployment)}
    for row in rows:
        row["ratio"] = round(row["seconds"] / rows[0]["seconds"], 2)
    return {"rows": rows, "memory_mb": memory, "impatient": impatient}


def list_rows(registry: str, run_id: str, token: str) -> list[Figures]:
    """Return a page of a run's leaderboard."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.get(f"{registry}/definitions", params={"run": run_id}, headers=headers, trust_env=False)
    rows: list[Figures] = answer.raise_for_status().json()["items"]
    return rows


def write_table(figures: Figures) -> str:
    """Return the figures as Markdown."""
    lines = [f"| {' | '.join(COLUMNS.values())} | other |", f"| --- |{' ---: |' * len(COLUMNS)}"]
    for row in figures["rows"]:
        other = ", ".join(f"{count:,} {name}" for name, count in row["other"].items() if name != "bytes")
        cells = [f"{row[name]:,}" if isinstance(row[name], int) else str(row[name]) for name in COLUMNS]
        lines.append(f"| {' | '.join([*cells, other])} |")
    memory = "; ".join(
        f"{name}: " + ", ".join(f"{program} {size} MB" for program, size in sizes.items())
        for name, sizes in figures["memory_mb"].items()
    )
    return "\n".join([*lines, "", f"Memory {memory}."])


def main() -> None:
    """Measure, print a table and, if requested, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=200, help="viewers who read the leaderboard at once")
    parser.add_argument("--downloads", type=int, default=60, help="users who download documents at once")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="how many examples are made up")
    parser.add_argument("--impatient", action="store_true", help="clients ignore Retry-After")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write all results to this file")
    chosen = parser.parse_args()
    machine = format_machine()
    figures = measure_all(chosen.readers, chosen.downloads, chosen.examples, chosen.impatient)
    print(f"{machine}\n\n{write_table(figures)}")
    if chosen.json:
        result = {"machine": describe_machine(), **figures}
        chosen.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
