"""What a running cluster has used so far, and its peaks: rows, calls, connections, memory."""

import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Self

import psutil
import psycopg

from scaled.cluster import Cluster

DATABASES = ("airflow", "celery", "examples", "models")
# Idle connections report their counts after ten seconds.
COUNTED_SECONDS = 11
# requests of tasks; only this benchmark uses the public API
_REQUEST = re.compile(r"request finished.* method=(\w+) path=(/execution/\S+)")
_ID = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}|/-?\d+(?=/|$)|(?<=xcoms)/.+")
_EXECUTED = "Executing workload"


@dataclass(frozen=True)
class Reading:
    """All counts since the cluster started, at one moment."""

    at: float
    rows: Counter[str]
    transactions: Counter[str]
    requests: Counter[str]
    executed: int
    core_seconds: Counter[str]
    log_bytes: int


@dataclass
class Peaks:
    """The peaks of processes' connections to each server and of memory in MB, by service."""

    postgresql: Counter[str] = field(default_factory=Counter)
    rabbitmq: Counter[str] = field(default_factory=Counter)
    memory_mb: Counter[str] = field(default_factory=Counter)
    sessions: Counter[str] = field(default_factory=Counter)


def read_meters(cluster: Cluster) -> Reading:
    """Return all counts so far; wait `COUNTED_SECONDS` before calling, or the databases' figures lag."""
    rows: Counter[str] = Counter()
    transactions: Counter[str] = Counter()
    for database in DATABASES:
        with psycopg.connect(cluster.postgres.url(database)) as connection:
            for table, count in connection.execute(
                "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables"
            ):
                rows[f"{database}.{table}"] = count
            for name, count in connection.execute(
                "SELECT datname, xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
            ):
                transactions[name] = count
    logs = cluster.folder / "volumes" / "logs"
    return Reading(
        at=monotonic(),
        rows=rows,
        transactions=transactions,
        requests=_count_requests(cluster),
        executed=sum(_log_of(cluster, service).count(_EXECUTED) for service in ("worker", "worker-light")),
        core_seconds=Counter({name: sum(map(_seconds_of, each)) for name, each in _processes(cluster).items()}),
        log_bytes=sum(path.stat().st_size for path in logs.rglob("*") if path.is_file()),
    )


def subtract_idle(
    after: Mapping[str, float], before: Mapping[str, float], idle: Mapping[str, float]
) -> dict[str, float]:
    """Return the counts between two readings minus what idling would have counted."""
    return {name: count - before.get(name, 0) - idle.get(name, 0) for name, count in after.items()}


def _count_requests(cluster: Cluster) -> Counter[str]:
    found = _REQUEST.findall(_log_of(cluster, "execution-api"))
    return Counter(f"{method} {_ID.sub('/…', path)}" for method, path in found)


def _log_of(cluster: Cluster, service: str) -> str:
    return "".join(container.log.read_text(errors="replace") for container in cluster.containers_of(service))


def _processes(cluster: Cluster) -> dict[str, list[psutil.Process]]:
    found: dict[str, list[psutil.Process]] = {}
    for container in cluster.containers.values():
        found.setdefault(container.service.name, []).extend(container.processes())
    for name, server in (("postgres", cluster.postgres), ("rabbitmq", cluster.rabbitmq)):
        if server.process is not None:
            found[name] = psutil.Process(server.process.pid).children(recursive=True)
    return {name: each for name, each in found.items() if each}


def _seconds_of(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        times = process.cpu_times()
        return times.user + times.system + times.children_user + times.children_system
    return 0.0


def _memory_of(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        pss: int = process.memory_full_info().pss
        return pss / 2**20
    return 0.0


class Sampler:
    """Measures once a second, in a thread of its own, and keeps the peaks."""

    def __init__(self, cluster: Cluster) -> None:
        self.peaks = Peaks()
        self._cluster = cluster
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join(30)

    def _sample(self) -> None:
        with psycopg.connect(self._cluster.postgres.url("postgres"), autocommit=True) as connection:
            while not self._ended.wait(1):
                self._look(connection)

    def _look(self, connection: psycopg.Connection[tuple[str, int]]) -> None:
        processes = _processes(self._cluster)
        memory = Counter({name: sum(map(_memory_of, each)) for name, each in processes.items()})
        service_of = {process.pid: name for name, each in processes.items() for process in each}
        to_server: dict[int, Counter[str]] = {
            self._cluster.postgres.port: Counter(),
            self._cluster.proxy.port: Counter(),
        }
        for each in psutil.net_connections("tcp"):
            if each.raddr and each.raddr.port in to_server and each.pid in service_of:
                to_server[each.raddr.port][service_of[each.pid]] += 1
        sessions = connection.execute(
            "SELECT coalesce(datname, ''), count(*) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY datname"
        )
        self.peaks.memory_mb |= memory
        self.peaks.postgresql |= to_server[self._cluster.postgres.port]
        self.peaks.rabbitmq |= to_server[self._cluster.proxy.port]
        self.peaks.sessions |= Counter(dict(sessions.fetchall()))


@contextmanager
def sampled(cluster: Cluster) -> Iterator[Peaks]:
    """Yield peaks that grow while the block runs."""
    with Sampler(cluster) as sampler:
        yield sampler.peaks
