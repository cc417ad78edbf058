"""Databases in which a marked word was loaded and trained on, and commands on them that may be killed."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from factories import make_definition, make_expansion
from integration.server import with_database
from pipeline.environment import ExamplesKeys, Prepared
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.keyring import KeyRing
from pipeline.examples.rows import IncomingRow
from pipeline.runs.announce import notify
from pipeline.runs.connections import Connections
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.stores.databases import clone_database, drop_database
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.training.lineage import TaskRun

MARKED = "quartzheron"
DEFINITIONS = [make_definition(sequence_length=length) for length in (4, 8)]
SCRIPT = Path(__file__).with_name("killed.py")


@dataclass(frozen=True)
class World:
    """A server with the databases of one test, and what commands on them share.

    Attributes:
        server: the address of its database `postgres`.
        name: the beginning of the names of its databases.
        folder: has the keys, and what trainings share.
    """

    server: str
    name: str
    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        return {
            "AIRFLOW_CONN_EXAMPLES_DB": self.url("examples"),
            "AIRFLOW_CONN_MODELS_DB": self.url("models"),
            "AIRFLOW_CONN_NOTIFICATIONS": self.url("models"),
            "PIPELINE_EXAMPLES_KEYS_FILE": str(self.folder / "keys"),
            "PIPELINE_PREPARED_STORE": (self.folder / "prepared").as_uri(),
            "PIPELINE_HOME": str(self.folder / "no deployment"),
        }

    @property
    def connections(self) -> Connections:
        examples, models = (Database.from_url(f"{name}_db", self.url(name)) for name in ("examples", "models"))
        prepared = Prepared.read(self.environ)
        return Connections(examples, models, self.url("models"), ExamplesKeys(file=self.folder / "keys"), prepared)

    def url(self, name: str) -> str:
        return with_database(self.server, f"{self.name}_{name}")

    def ask(self, database: str, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def count_marked_files(self) -> int:
        """Return how many files of the databases and of what trainings share hold the marked word."""
        needles = (MARKED.encode(), MARKED.encode("utf-16-le"))
        (folder,) = self.ask("models", "SHOW data_directory")[0]
        files = [path for path in (self.folder / "prepared").rglob("*") if path.is_file()]
        for name in ("examples", "models"):
            self.ask(name, "CHECKPOINT")
            (oid,) = self.ask(name, "SELECT oid FROM pg_database WHERE datname = current_database()")[0]
            files += Path(str(folder), "base", str(oid)).iterdir()
        return sum(any(needle in path.read_bytes() for needle in needles) for path in files)

    def run(self, *arguments: str, kill_at: int = 0) -> subprocess.CompletedProcess[str]:
        """Run `pipeline …`, killed before a statement if that is wanted."""
        done = subprocess.run(
            [sys.executable, str(SCRIPT), str(kill_at), *arguments],
            env=os.environ | self.environ,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == (-signal.SIGKILL if kill_at else 0), done.stderr
        return done

    @contextmanager
    def copy(self) -> Iterator["World"]:
        """Copy the databases for as long as a test needs them."""
        copied = World(self.server, f"test_{secrets.token_hex(6)}", self.folder)
        try:
            for name in ("examples", "models"):
                clone_database(self.server, f"{self.name}_{name}", f"{copied.name}_{name}")
            yield copied
        finally:
            copied.drop()

    def drop(self) -> None:
        """Drop the databases."""
        for name in ("examples", "models"):
            drop_database(self.server, f"{self.name}_{name}")


@contextmanager
def make_world(server: str, templates: dict[str, str], folder: Path) -> Iterator[World]:
    """Load forty examples of January 2016, the marked word in two of them, and train two models."""
    world = World(server, f"test_{secrets.token_hex(6)}", folder)
    keyring = KeyRing.generate()
    keyring.save(folder / "keys")
    try:
        for name, template in templates.items():
            clone_database(server, template, f"{world.name}_{name}")
        connections = world.connections
        kinds = {"fruit": "apple pear plum", "metal": "iron zinc tin"}
        rows = [
            IncomingRow(
                line=number,
                id=f"post-{number}",
                occurred_at=datetime(2016, 1, 1, tzinfo=UTC) + timedelta(hours=number),
                classification=[*kinds][number % 2],
                text=f"{[*kinds.values()][number % 2]} {number if number > 1 else MARKED}",
            )
            for number in range(40)
        ]
        ExamplesStore(connections.examples_db, keyring).load("default", iter(rows), BrokenRows("test"))
        Ledger(connections.models_db).open_run("run-1", {}, make_expansion(*DEFINITIONS))
        for definition in DEFINITIONS:
            train(definition.label, TaskRun("run-1"), connections)
        notify("run-1", connections)
        yield world
    finally:
        world.drop()
