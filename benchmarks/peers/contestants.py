"""The contestants of a sweep: the product and its peers, each started for one measurement and ended after it."""

import importlib.util
import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from embedded import Embedded, embedded_deployment
from overhead import make_plan, write_examples

from peers.naive_airflow import NaiveAirflow
from peers.naive_airflow import sweep as sweep_naively
from peers.prepare import Sweep
from peers.work import Outcome, Stopwatch
from pipeline.deployment.home import code_root
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore

OURS, AGAIN, LIMIT = "pipeline", "pipeline again", "limit"
GRID, GRID_MEMORY, GRID_FASTER = "GridSearchCV", "GridSearchCV with memory", "GridSearchCV with memory and sklearnex"
RAY, RAY_REUSE, OPTUNA, NAIVE = "Ray Tune", "Ray Tune reusing actors", "Optuna", "naive Airflow"
EMPTY: Mapping[str, str] = MappingProxyType({})
_BENCHMARKS = Path(__file__).parents[1]

Outcomes = dict[str, Outcome]
Read = TypeVar("Read")
Contestant = Callable[[Sweep], Outcomes]


@dataclass(frozen=True)
class Arena:
    """Where contestants run: a folder for all files, and the Python that has Ray and Optuna."""

    folder: Path
    peers_python: Path

    def run_apart(
        self, module: str, sweep: Sweep, *options: str, python: Path | None = None, environ: Mapping[str, str] = EMPTY
    ) -> Outcome:
        """Run a module of this package in a process of its own and return its outcome; see `read_apart`."""
        return self.read_apart(Outcome.read, module, sweep, *options, python=python, environ=environ)

    def read_apart(
        self,
        read: Callable[[Path], Read],
        module: str,
        sweep: Sweep,
        *options: str,
        python: Path | None = None,
        environ: Mapping[str, str] = EMPTY,
    ) -> Read:
        """Run a module of this package in a process of its own and return what it wrote.

        Args:
            read: returns it from the file.
            module: its name in this package.
            sweep: its work.
            options: further arguments of its command line.
            python: with which Python; by default, this one.
            environ: further variables.

        Raises:
            RuntimeError: the module failed; holds the end of its log.
        """
        paths = [_BENCHMARKS, code_root() / "include"]
        paths += [Path(sysconfig.get_path("purelib"))] * (
            python is not None
        )  # the product's own versions take precedence
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AIRFLOW", "PIPELINE", "PYTHON"))  # bytecode files, and no other paths
        }
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            outcome, log = Path(folder, "outcome.json"), Path(folder, "log")
            command = [str(python or sys.executable), "-m", f"peers.{module}", str(sweep.work_file), str(outcome)]
            with log.open("wb") as output:
                process = subprocess.Popen(
                    [*command, *options],
                    env={**kept, **environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
                try:
                    process.wait()
                finally:  # also when Ctrl-C ends this process: none of its processes may go on
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            if not outcome.exists():
                raise RuntimeError(f"{module} failed: {log.read_text(errors='replace').strip()[-2000:]}")
            return read(outcome)


class Product:
    """The product: its own deployment, which runs only while it is measured."""

    def __init__(self, deployment: Embedded, arena: Arena) -> None:
        self._deployment = deployment
        self._arena = arena
        self._trials = 0

    def sweep(self, sweep: Sweep) -> Outcomes:
        """Train a plan with nothing prepared, then again with the results of the first; then measure the limit."""
        self._deployment.start()
        try:
            self._trials += 1
            self._deployment.train(make_plan(4, 4 * self._trials, "adapter"))  # one-time work after a start
            self._deployment.run("prepared", "clear")
            outcomes = {OURS: self._train(sweep), AGAIN: self._train(sweep)}
            return outcomes | {LIMIT: self._arena.run_apart("limit", sweep, environ=self._connections())}
        finally:
            self._deployment.stop()

    def _train(self, sweep: Sweep) -> Outcome:
        with Stopwatch() as watch:
            run_id, seconds = self._deployment.train(sweep.plan)
        database = self._deployment.connections.models_db
        accuracies = {row["label"]: row["accuracy"] for row in Ledger(database).list_definitions(run_id)}
        models, parts = ModelsStore(database), Counter[str]()
        for label in accuracies:
            parts.update(models.get_model(label)["step_seconds"])
        return Outcome(seconds, watch.core_seconds, accuracies, parts=dict(parts))

    def _connections(self) -> Mapping[str, str]:
        return {
            name: value
            for name, value in self._deployment.variables.items()
            if name.startswith(("AIRFLOW_CONN", "PIPELINE_EX"))
        }


@contextmanager
def product(arena: Arena, sweeps: list[Sweep]) -> Iterator[Contestant]:
    """Yield the product as a contestant, with every sweep's examples loaded."""
    with embedded_deployment() as deployment:
        warm_up = arena.folder / "warm-up.csv"
        write_examples(warm_up)
        deployment.run("examples", "load", str(warm_up))
        for sweep in sweeps:
            # with their numbers as ids, or equal examples would count once
            deployment.run("examples", "load", str(sweep.examples_file), "--collection", sweep.name, "--id", "id")
        deployment.stop()
        yield Product(deployment, arena).sweep


@contextmanager
def naive_airflow(arena: Arena) -> Iterator[Contestant]:
    """Yield the naive sweep as a contestant."""
    naive = NaiveAirflow(arena.folder / "naive")

    def sweep_once(sweep: Sweep) -> Outcomes:
        warm_up = arena.folder / "warm-up.json"
        sweep.work.shorten().write(warm_up)
        with naive.running() as api:
            sweep_naively(api, warm_up)
            return {NAIVE: sweep_naively(api, sweep.work_file)}

    yield sweep_once


def list_peers(arena: Arena) -> dict[str, Contestant]:
    """Return the installed peers that run in one process each."""

    def peer(name: str, module: str, *options: str, python: Path | None = None) -> tuple[str, Contestant]:
        return name, lambda sweep: {name: arena.run_apart(module, sweep, *options, python=python)}

    found = [peer(GRID, "grid_search"), peer(GRID_MEMORY, "grid_search", "--memory")]
    if importlib.util.find_spec("sklearnex"):
        found.append(peer(GRID_FASTER, "grid_search", "--memory", "--accelerated"))
    if arena.peers_python.exists():
        found.append(peer(OPTUNA, "optuna_study", python=arena.peers_python))
        found.append(peer(RAY, "ray_tune", python=arena.peers_python))
        found.append(peer(RAY_REUSE, "ray_tune", "--reuse-actors", python=arena.peers_python))
    return dict(found)


@contextmanager
def contestants(arena: Arena, sweeps: list[Sweep], wanted: set[str]) -> Iterator[dict[str, Contestant]]:
    """Yield the contestants by name; an empty `wanted` means all that are available.

    Raises:
        ValueError: a wanted contestant is not available.
    """
    there = list_peers(arena)
    if unknown := wanted - {OURS, NAIVE, *there}:
        raise ValueError(f"not available: {', '.join(sorted(unknown))}; known are {', '.join([OURS, *there, NAIVE])}")
    with ExitStack() as stack:
        found: dict[str, Contestant] = {}
        if not wanted or OURS in wanted:
            found[OURS] = stack.enter_context(product(arena, sweeps))
        found |= {name: peer for name, peer in there.items() if not wanted or name in wanted}
        if not wanted or NAIVE in wanted:
            found[NAIVE] = stack.enter_context(naive_airflow(arena))
        yield found
