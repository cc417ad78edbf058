"""How an alias moves while 16 clients ask: `python benchmarks/moves.py [MOVES]`.

A service with two processes, a queue, and two models of one label on a scratch server. An alias moves between them,
1,000 times unless another number is given; each move waits until `/v1/models` shows it. Clients ask for single texts
all the time. Counted are requests that failed, answers of a version that was never there, and answers of the former
version to requests that were sent after the move had been shown; measured is how long a move takes to be shown.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from machine import format_machine
from scratch import connect, scratch_environment

from integration.registry.trained import DEFINITION, store, train_logistic, train_svm
from integration.service.running import Running, start_service
from pipeline.notifications.queue import open_queue
from pipeline.runs.announce import announce_moves
from pipeline.runs.connections import Connections
from pipeline.stores.models.aliases import AliasesStore

CLIENTS, WORKERS = 16, 2


class Load:
    """Clients that ask without a pause, and what was wrong with their answers."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.shown, self.shown_at = 1, 0.0
        self.requests = self.failed = self.unknown = self.outdated = 0
        self.stopping = False

    async def ask(self) -> None:
        """Ask until it is stopped."""
        while not self.stopping:
            sent, expected, changed = time.perf_counter(), self.shown, self.shown_at
            response = await self._client.post("/v1/classify", json={"text": "a text to classify"})
            self.requests += 1
            if response.status_code != 200:
                self.failed += 1
                continue
            version = response.json()["version"]
            self.unknown += version not in (1, 2)
            # a move that has begun meanwhile may be answered already, but nothing older than what was shown
            self.outdated += version != expected and self.shown_at == changed and sent > changed and not self.moving

    moving = False


async def run(service: Running, connections: Connections, moves: int) -> tuple[Load, list[float]]:
    """Move the alias under load; return the load and the seconds of each move."""
    aliases = AliasesStore(connections.models_db)
    limits = httpx.Limits(max_connections=CLIENTS + 1)
    headers = {"Authorization": service.client().headers["Authorization"]}
    async with httpx.AsyncClient(base_url=service.url, headers=headers, limits=limits, timeout=60) as client:
        load = Load(client)
        clients = [asyncio.create_task(load.ask()) for _ in range(CLIENTS)]
        seconds = []
        for number in range(moves):
            version = 2 - number % 2
            load.moving = True
            begun = time.perf_counter()
            await asyncio.to_thread(aliases.move, "champion", f"{DEFINITION.label}@{version}", "ann", "a benchmark")
            await asyncio.to_thread(announce_moves, connections.models_db, connections.notifications_url)
            while (await client.get("/v1/models")).json()[0]["version"] != version:
                await asyncio.sleep(0.002)
            seconds.append(time.perf_counter() - begun)
            load.shown, load.shown_at, load.moving = version, time.perf_counter(), False
            await asyncio.sleep(0.01)  # in which nobody may be answered by the former version
        load.stopping = True
        await asyncio.gather(*clients)
    return load, seconds


def main() -> None:
    """Print the table."""
    moves = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    print(format_machine())
    with scratch_environment() as environ, tempfile.TemporaryDirectory() as folder:
        connections = connect(environ)
        with open_queue(connections.notifications_url) as queue:
            queue.declare()
        store(connections.models_db, train_logistic(), run_id="run-1")
        store(connections.models_db, train_svm(), run_id="run-2")
        AliasesStore(connections.models_db).move("champion", f"{DEFINITION.label}@1", "ann", "a benchmark")
        settings = environ | {"PIPELINE_SERVICE_WORKERS": str(WORKERS)}
        with start_service(Path(folder), settings) as service:
            load, seconds = asyncio.run(run(service, connections, moves))
    print(f"{moves} moves, {load.requests:,} requests of {CLIENTS} clients to {WORKERS} processes")
    print(f"failed {load.failed}, of neither version {load.unknown}, of the former after the move {load.outdated}")
    print(f"seconds to be shown: median {median(seconds):.3f}, p99 {quantiles(seconds, n=100)[-1]:.3f}", end="")
    print(f", largest {max(seconds):.3f}")
    if load.failed or load.unknown or load.outdated:
        raise SystemExit("not as it should be")


if __name__ == "__main__":
    main()
