"""`pipeline migrate`: bring every database that the environment names to the schema of this version."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import psycopg

from pipeline.deployment.metadata import migrate_airflow
from pipeline.environment import ConnectionUrls
from pipeline.errors import DeploymentError
from pipeline.notifications.queue import open_queue
from pipeline.runs.connections import Connections
from pipeline.stores.databases import create_missing_databases
from pipeline.stores.migrations.migrate import SCHEMAS, migrate

METADATA_VARIABLE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"


def migrate_everything(environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Create the missing databases, bring each to this version's schema, and declare the queues.

    Running it twice is harmless, and so is running it on an up-to-date deployment.

    Raises:
        DeploymentError: the metadata database is not named, or Airflow's own migration failed.
        DatabaseUnavailableError, BrokerUnavailableError: a server does not answer.
    """
    if METADATA_VARIABLE not in environ:
        what = f"{METADATA_VARIABLE} is not set"
        raise DeploymentError("environment", what, next_step="set it, or run `pipeline up`")
    connections = Connections.from_environment(environ)
    named = ConnectionUrls.read(environ).model_dump()
    urls = {schema: str(named[f"{schema}_db"]) for schema in SCHEMAS}
    for url in (environ[METADATA_VARIABLE], *urls.values()):
        if name := _create(url):
            say(f"Created the database {name}.")
    say("Airflow's database …")
    migrate_airflow(environ)
    for schema, url in urls.items():
        say(f"The {schema} database …")
        migrate(url, schema)
    say("The notification queues …")
    with open_queue(connections.notifications_url) as queue:
        queue.declare()


def _create(url: str) -> str | None:
    """Create the database at an address unless it exists; return its name if it was created."""
    parts = urlsplit(url)._replace(scheme="postgresql")
    name = parts.path.removeprefix("/")
    try:
        psycopg.connect(parts.geturl(), connect_timeout=10).close()
    except psycopg.OperationalError:
        # Either the database or the server is missing: trying to create the database shows which.
        server = parts._replace(path="/postgres").geturl()
        try:
            return name if create_missing_databases(server, [name]) else None
        except psycopg.Error as error:
            raise DeploymentError(
                f"database {name}",
                f"does not exist and cannot be created ({' '.join(str(error).split())})",
                next_step="start the server, or create the database",
            ) from error
    return None
