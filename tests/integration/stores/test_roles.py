"""How roles are made and their rights set, and what becomes of a server that knew only its superuser."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

import pipeline
from factories import make_definition, make_expansion, make_trained_model
from integration.notifications.brokers import make_message
from integration.server import running_server, with_database
from integration.stores.roles_server import ALL_SCHEMAS, OWNERS, PASSWORDS, Server, refused, train
from pipeline.deployment.postgres import binaries
from pipeline.notifications.queue import open_queue
from pipeline.stores.database import Database
from pipeline.stores.migrations.migrate import migrate
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore
from pipeline.stores.queries import Queries
from pipeline.stores.roles import grant, make_roles

GRANTS = Path(pipeline.__file__).parent / "stores/grants"
RIGHTS = "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname"
FOREIGN = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner <> %(owner)s::regrole
UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proowner <> %(owner)s::regrole
UNION SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typowner <> %(owner)s::regrole
"""


@pytest.fixture(scope="module")
def bare_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server's superuser, who has to drop what it makes."""
    with running_server(tmp_path_factory.mktemp("roles")) as url:
        yield url


@pytest.fixture
def empty_server(bare_server: str) -> Iterator[str]:
    """The address of the superuser of a server without any role or database of ours."""
    yield bare_server
    with psycopg.connect(bare_server, autocommit=True) as connection:
        for database in OWNERS:
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)".encode())
        for role in (*PASSWORDS, "admin"):
            connection.execute(f"DROP ROLE IF EXISTS {role}".encode())


def test_a_second_time_changes_nothing(server: Server) -> None:
    def read_rights() -> list[Any]:
        rights = []
        for database in ALL_SCHEMAS:
            with server.connect("owner", database) as connection:
                rights.append(connection.execute(RIGHTS).fetchall())
        return rights

    before = read_rights()

    assert make_roles(server.superuser, PASSWORDS, OWNERS) == []
    server.migrate()
    for schema in ALL_SCHEMAS:
        grant(server.url("owner", schema), schema)

    assert read_rights() == before


def test_rights_that_somebody_gave_or_took_are_put_right(server: Server) -> None:
    with server.connect("owner", "models") as connection:
        connection.execute("GRANT DELETE ON runs TO registry")
        connection.execute("REVOKE INSERT ON alias_moves FROM registry")

    grant(server.url("owner", "models"), "models")

    with server.connect("registry", "models") as connection:
        assert refused(connection, "DELETE FROM runs")
        assert not refused(connection, "INSERT INTO alias_moves (alias, moved_by, reason) VALUES ('a', 'me', 'why')")


def test_a_new_password_takes_the_place_of_the_old_one(server: Server) -> None:
    make_roles(server.superuser, {"service": "it's another one"}, {})

    with pytest.raises(psycopg.OperationalError):
        server.connect("service", "models").close()
    psycopg.connect(server.url("service", "models"), password="it's another one").close()
    make_roles(server.superuser, PASSWORDS, {})


def test_without_roles_everything_is_the_superusers(empty_server: str) -> None:
    with psycopg.connect(empty_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE models")

    migrate(with_database(empty_server, "models"), "models")
    grant(with_database(empty_server, "models"), "models")

    with psycopg.connect(with_database(empty_server, "models")) as connection:
        assert connection.execute("SELECT count(*) FROM models").fetchone() == (0,)


def test_what_the_superuser_made_is_given_to_its_owners(empty_server: str) -> None:
    """Databases of an earlier version, with rows in them, and of Airflow, with types and tables of its own."""
    with psycopg.connect(empty_server, autocommit=True) as connection:
        for database in OWNERS:
            connection.execute(f"CREATE DATABASE {database}".encode())
    with psycopg.connect(with_database(empty_server, "airflow")) as connection:
        connection.execute("CREATE TYPE mood AS ENUM ('good'); CREATE SEQUENCE numbers; CREATE DOMAIN tiny AS int")
        connection.execute('CREATE TABLE "Dag Run" (id serial, mood mood); CREATE MATERIALIZED VIEW seen AS SELECT 1')
    for schema in ALL_SCHEMAS:
        migrate(with_database(empty_server, schema), schema)
    earlier = Database.from_url("models_db", with_database(empty_server, "models"))
    label = make_definition().label
    Ledger(earlier).open_run("an old run", {}, make_expansion(make_definition()))
    ModelsStore(earlier).save(make_trained_model(make_definition(), "an old run"))
    server = Server(empty_server)

    make_roles(empty_server, PASSWORDS, OWNERS)
    server.migrate()

    for database, owner in OWNERS.items():
        with psycopg.connect(with_database(empty_server, database)) as connection:
            assert connection.execute(FOREIGN, {"owner": owner}).fetchall() == [], database
    train(server, "a new run")
    assert AliasesStore(server.database("registry", "models")).move("champion", label, "me", "why")["version"] == 2
    with server.connect("airflow", "airflow") as connection:
        connection.execute('ALTER TABLE "Dag Run" ADD COLUMN more text; DROP TABLE "Dag Run"; CREATE TABLE slot ()')


def test_a_role_that_makes_roles_and_databases_is_enough(empty_server: str) -> None:
    with psycopg.connect(empty_server, autocommit=True) as connection:
        connection.execute("CREATE ROLE admin LOGIN CREATEROLE CREATEDB PASSWORD 'managed'")
    place = urlsplit(empty_server)
    admin = place._replace(netloc=f"admin:managed@{place.hostname}:{place.port}").geturl()

    made = make_roles(admin, PASSWORDS, OWNERS)
    again = make_roles(admin, PASSWORDS, OWNERS)
    server = Server(empty_server)
    server.migrate()

    assert (sorted(made), again) == (sorted(OWNERS), [])
    train(server, "a run")


def test_kombus_tables_are_left_to_the_owner(server: Server) -> None:
    with server.connect("owner", "notifications") as connection:
        connection.execute("CREATE TABLE kombu_queue (id int, name text); CREATE TABLE kombu_message (id int)")
        connection.execute("INSERT INTO kombu_queue VALUES (1, 'of other software')")

    with open_queue(server.url("tasks", "notifications")) as queue:
        queue.publish(make_message("a"))

    with open_queue(server.url("owner", "notifications")) as queue:
        assert queue.count_ready_of(None) > 0
    with server.connect("owner", "notifications") as connection:
        connection.execute("DROP TABLE IF EXISTS kombu_queue, kombu_message")


def test_rights_are_pasted_into_psql_as_they_stand(server: Server) -> None:
    for path in GRANTS.glob("*.sql"):
        text = path.read_text(encoding="utf-8")
        assert "%" not in text  # psycopg would take it for a parameter
        assert {*Queries(path)} <= {"tasks", "registry", "service"}
        command = [str(binaries() / "psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
        done = subprocess.run(
            [*command, server.url("owner", path.stem)], input=text, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), path.name
