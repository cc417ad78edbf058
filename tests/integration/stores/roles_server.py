"""A PostgreSQL server with roles, and what tasks do on it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psycopg

from factories import make_definition, make_expansion, make_trained_model
from pipeline.notifications.queue import open_queue
from pipeline.stores.database import Database
from pipeline.stores.migrations.migrate import SCHEMAS, migrate
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore

PASSWORDS = {role: f"of {role}" for role in ("owner", "tasks", "registry", "service", "airflow")}
OWNERS = {"airflow": "airflow", "examples": "owner", "models": "owner", "notifications": "owner"}
ALL_SCHEMAS = (*SCHEMAS, "notifications")


@dataclass(frozen=True)
class Server:
    """A server with roles, by the address of its superuser."""

    superuser: str

    def url(self, role: str, database: str) -> str:
        place = urlsplit(self.superuser)
        password = PASSWORDS[role].replace(" ", "%20")
        return place._replace(netloc=f"{role}:{password}@{place.hostname}:{place.port}", path=f"/{database}").geturl()

    def database(self, role: str, database: str) -> Database:
        return Database.from_url(f"{database}_db", self.url(role, database))

    def connect(self, role: str, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url(role, database))

    def migrate(self) -> None:
        for schema in ALL_SCHEMAS:
            migrate(self.url("owner", schema), schema)
        with open_queue(self.url("owner", "notifications")) as queue:
            queue.declare()


def refused(connection: psycopg.Connection[Any], statement: str) -> bool:
    """Return whether the role of a connection may not run a statement; whatever it did is undone."""
    try:
        connection.execute(statement.encode())
    except psycopg.errors.InsufficientPrivilege:
        return True
    finally:
        connection.rollback()
    return False


def train(server: Server, run: str) -> str:
    """Do what tasks do to the ledger and the models, and return a label."""
    database = server.database("tasks", "models")
    definition = make_definition()
    Ledger(database).open_run(run, {}, make_expansion(definition))
    Ledger(database).begin_training(run, definition.label, None)
    ModelsStore(database).save(make_trained_model(definition, run))
    return definition.label
