"""`pipeline migrate`: bring every database that the environment names to the schema of this version."""

from collections.abc import Callable, Mapping
from urllib.parse import unquote, urlsplit

import psycopg

from pipeline.deployment.metadata import migrate_airflow
from pipeline.environment import ConnectionUrls, PostgresRoles
from pipeline.errors import DeploymentError
from pipeline.notifications.queue import open_queue
from pipeline.runs.connections import Connections
from pipeline.stores.databases import create_missing_databases
from pipeline.stores.migrations.migrate import SCHEMAS, migrate
from pipeline.stores.roles import grant, make_roles

METADATA_VARIABLE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
RESULTS_VARIABLE = "AIRFLOW__CELERY__RESULT_BACKEND"


def migrate_everything(environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Create the missing roles and databases, bring each to this version's schema, and declare the queues.

    Roles are created if the environment names a role that may do so.

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
    used = [environ[METADATA_VARIABLE], *urls.values()]
    if (results := environ.get(RESULTS_VARIABLE, "")).startswith("db+postgresql"):
        used.append(results)
    roles = PostgresRoles.read(environ)
    made = _make_roles(roles, used) if roles.superuser else [name for url in used if (name := _create(url))]
    for name in made:
        say(f"Created the database {name}.")
    say("Airflow's database …")
    migrate_airflow(environ)
    for schema, url in urls.items():
        say(f"The {schema} database …")
        migrate(url, schema)
    say("The notification queues …")
    with open_queue(connections.notifications_url) as queue:
        queue.declare()
    if connections.notifications_url.startswith("postgres"):
        grant(connections.notifications_url, "notifications")


def _make_roles(roles: PostgresRoles, urls: list[str]) -> list[str]:
    """Make the roles and databases that addresses name, and those roles whose passwords the environment holds.

    Returns:
        The databases that were created.
    """
    server = urlsplit(str(roles.superuser))
    found = [urlsplit(url) for url in urls]
    if any(parts.username == server.username for parts in found):
        what = f"an address names {server.username}, which PIPELINE_POSTGRES_SUPERUSER names too"
        raise DeploymentError("environment", what, "a role of its own for each", "see docs/deployment.md, Roles")
    passwords = {"tasks": roles.tasks_password, "registry": roles.registry_password, "service": roles.service_password}
    passwords |= {unquote(parts.username or ""): unquote(parts.password or "") for parts in found}
    owners = {parts.path.removeprefix("/"): unquote(parts.username or "") for parts in found}
    try:
        return make_roles(server.geturl(), {role: word for role, word in passwords.items() if role and word}, owners)
    except psycopg.Error as error:
        # the whole text may quote a statement with a password
        reason = error.diag.message_primary or " ".join(str(error).split())
        what = f"the roles and databases cannot be made ({reason})"
        raise DeploymentError(
            "PIPELINE_POSTGRES_SUPERUSER", what, next_step="start the server, or correct it"
        ) from error


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
