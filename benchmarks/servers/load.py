"""The load: clients in one process, each of which sends its next request when its answer has arrived.

The server has the same cores, so the clients do little: requests are bytes made beforehand, connections stay open, and
of an answer only its status and its end are read. Some answers are kept, to be read after the clock has stopped.
"""

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from time import perf_counter, process_time

import uvloop

from servers.answers import HOST, Answer, read_answer

_KEEP_EVERY = 50
# of connections that are opened at once, one of a server's processes may accept all
_APART_SECONDS = 0.005
_PATIENCE_SECONDS = 30.0
_RETRY_SECONDS = 0.05


@dataclass
class Received:
    """What all clients together have received.

    Args:
        seconds: how long the measurement took, without the time before it.
        latencies: of the answers that arrived during it, in seconds.
        answered: how many answers arrived in all, also before it and after it.
        errors: what went wrong, and how often, in all that time.
        kept: some answers' bodies, each with the number of its request.
        core_share: which share of a core the clients took.
    """

    seconds: float
    latencies: list[float] = field(default_factory=list)
    answered: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    kept: list[tuple[int, bytes]] = field(default_factory=list)
    core_share: float = 0.0


class _Client(asyncio.Protocol):
    """A connection that asks, waits for the answer, and asks again, until the time is over or it is lost."""

    transport: asyncio.Transport

    def __init__(self, load: "_Load") -> None:
        self._load = load
        self._received = b""
        self._waiting = False
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        self._ask(perf_counter())

    def _ask(self, now: float) -> None:
        if now >= self._load.ends:
            self.transport.close()
            return
        self._number = next(self._load.numbers)
        self._received = b""
        self._waiting = True
        self._sent = now
        self.transport.write(self._load.requests[self._number])

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        answer = read_answer(self._received)
        if answer is None:
            return
        now = perf_counter()
        self._waiting = False
        self._load.take(self._number, answer, self._sent, now)
        if answer.closes:
            self.transport.close()
        else:
            self._ask(now)

    def abandon(self) -> None:
        """Close the connection, whatever has been asked."""
        self._waiting = False
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        if self._waiting:
            self._load.received.errors["the connection was lost"] += 1
        if not self.closed.done():
            self.closed.set_result(None)


class _Load:
    """Requests, the time in which they are sent, and what has been received."""

    def __init__(self, requests: Sequence[bytes], seconds: float) -> None:
        self.requests = requests
        self.numbers = cycle(range(len(requests)))
        self.begins = self.ends = float("inf")
        self.received = Received(seconds)

    def begin(self, warm_up_seconds: float) -> None:
        """Set when the measurement begins and ends."""
        self.begins = perf_counter() + warm_up_seconds
        self.ends = self.begins + self.received.seconds

    def take(self, number: int, answer: Answer, sent: float, now: float) -> None:
        received = self.received
        received.answered += 1
        if answer.status != 200:
            received.errors[f"status {answer.status}"] += 1
            return
        if self.begins <= now < self.ends:
            received.latencies.append(now - sent)
        if received.answered % _KEEP_EVERY == 0:
            received.kept.append((number, answer.body))

    async def keep_asking(self, port: int) -> None:
        """Be one client; connect again after a lost connection."""
        loop = asyncio.get_running_loop()
        while perf_counter() < self.ends:
            client = _Client(self)
            try:
                await loop.create_connection(lambda client=client: client, HOST, port)  # type: ignore[misc]
            except OSError:
                self.received.errors["no connection"] += 1
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            try:
                await client.closed
            finally:
                client.abandon()


def put_load(
    port: int, requests: Sequence[bytes], clients: int, seconds: float, warm_up_seconds: float = 0.0
) -> Received:
    """Send requests with so many clients at once for some seconds, and return what was received.

    The clients begin one shortly after the other, and then the warm-up begins. They take the requests in turn. Each
    ends with the answer to the last request that it sent in time.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_put(port, _Load(requests, seconds), clients, warm_up_seconds))


async def _put(port: int, load: _Load, clients: int, warm_up_seconds: float) -> Received:
    with _no_collection():
        begun, used = perf_counter(), process_time()
        tasks = []
        for _ in range(clients):
            tasks.append(asyncio.create_task(load.keep_asking(port)))
            await asyncio.sleep(_APART_SECONDS)
        load.begin(warm_up_seconds)
        _, late = await asyncio.wait(tasks, timeout=warm_up_seconds + load.received.seconds + _PATIENCE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        load.received.core_share = (process_time() - used) / (perf_counter() - begun)
    if late:
        load.received.errors["no answer"] += len(late)
    return load.received


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python's garbage collector out of the latencies."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
