"""Many clients who ask one server for the same, each again and again: `python flood.py ADDRESS… --clients 200`.

The token is in the variable FLOOD_TOKEN. A client that is refused with `Retry-After` waits that long, as the registry's
own pages do; with `--impatient` it asks again at once. The flood ends with its standard input; then it prints counts
and the seconds that answers took, as JSON.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import httpx


class Flood:
    """What all clients have been answered so far."""

    def __init__(self, addresses: list[str], impatient: bool) -> None:
        self._addresses = addresses
        self._impatient = impatient
        self.counts: Counter[str] = Counter()
        self.seconds: list[float] = []

    async def ask(self, client: httpx.AsyncClient, number: int) -> None:
        """Be one client, until cancelled."""
        while True:
            begun = time.perf_counter()
            try:
                answer = await client.get(self._addresses[number % len(self._addresses)])
            except httpx.TransportError as error:
                self.counts[type(error).__name__] += 1
                await asyncio.sleep(1)
                continue
            if answer.is_success:
                self.counts["answered"] += 1
                self.counts["bytes"] += len(answer.content)
                self.seconds.append(time.perf_counter() - begun)
            else:
                self.counts["refused" if answer.status_code == 503 else str(answer.status_code)] += 1
                if not self._impatient:
                    await asyncio.sleep(float(answer.headers.get("retry-after", 1)))

    def summarise(self) -> dict[str, Any]:
        """Return the counts, and the median and the 99th percentile of the answers' seconds."""
        ordered = sorted(self.seconds) or [0.0]
        places = {"median": len(ordered) // 2, "p99": (len(ordered) * 99) // 100}
        return {"counts": dict(self.counts), **{name: ordered[place] for name, place in places.items()}}


async def run(addresses: list[str], clients: int, impatient: bool) -> dict[str, Any]:
    """Let the clients ask until standard input ends; return the summary."""
    flood = Flood(addresses, impatient)
    async with httpx.AsyncClient(
        headers={"Authorization": f"Bearer {os.environ['FLOOD_TOKEN']}"},
        limits=httpx.Limits(max_connections=None),
        timeout=120,
        trust_env=False,
    ) as client:
        tasks = [asyncio.create_task(flood.ask(client, number)) for number in range(clients)]
        await asyncio.to_thread(sys.stdin.read)
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
    return flood.summarise()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("addresses", nargs="+")
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--impatient", action="store_true")
    chosen = parser.parse_args()
    print(json.dumps(asyncio.run(run(chosen.addresses, chosen.clients, chosen.impatient))))
