"""What each role may do on a real server, and what becomes of a server that knew only its superuser."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

import pipeline
from factories import make_definition, make_expansion, make_trained_model
from integration.notifications.brokers import make_message
from integration.server import running_server, with_database
from pipeline.deployment.postgres import binaries
from pipeline.errors import DatabaseUnavailableError
from pipeline.notifications.queue import open_queue
from pipeline.runs.announce import announce_moves
from pipeline.service.database_source import DatabaseSource
from pipeline.stores.database import Database
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.stores.migrations.migrate import SCHEMAS, migrate
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.notifications import NotificationsStore
from pipeline.stores.models.store import ModelsStore
from pipeline.stores.queries import Queries
from pipeline.stores.roles import grant, make_roles

PASSWORDS = {role: f"of {role}" for role in ("owner", "tasks", "registry", "service", "airflow")}
OWNERS = {"airflow": "airflow", "examples": "owner", "models": "owner", "notifications": "owner"}
ALL_SCHEMAS = (*SCHEMAS, "notifications")
GRANTS = Path(pipeline.__file__).parent / "stores/grants"
TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') AND relowner = 'owner'::regrole
"""
READERS = "SELECT bool_or(has_table_privilege(role, %(table)s::text, 'SELECT')) FROM unnest(%(roles)s::name[]) AS role"
RIGHTS = "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname"
FOREIGN = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner <> %(owner)s::regrole
UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proowner <> %(owner)s::regrole
UNION SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typowner <> %(owner)s::regrole
"""


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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with every role, and every database at this version's schema. Leave its rights as they are."""
    with running_server(tmp_path_factory.mktemp("server")) as url:
        make_roles(url, PASSWORDS, OWNERS)
        made = Server(url)
        made.migrate()
        yield made


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


def test_tasks_do_all_that_tasks_do(server: Server) -> None:
    label = train(server, "a run")
    train(server, "a run")
    published: list[Any] = []
    store = NotificationsStore(server.database("tasks", "models"))

    with open_queue(server.url("tasks", "notifications")) as queue:
        store.insert_missing()

        def publish(message: dict[str, Any]) -> None:
            queue.publish(message)
            published.append(message)

        store.publish_each(publish)
    Ledger(server.database("tasks", "models")).close_run("a run")
    survey = ExamplesSurvey(server.database("tasks", "examples"))

    assert ("a run", label) in [(message["run"], message["label"]) for message in published]
    assert (survey.key_ids(), survey.fingerprint()) == ({}, None)


@pytest.mark.parametrize(
    ("database", "statement"),
    [
        ("examples", "INSERT INTO keyring (fingerprint) VALUES ('')"),
        ("examples", "DELETE FROM examples"),
        ("examples", "UPDATE examples SET key_id = ''"),
        ("examples", "CREATE TABLE mine ()"),
        ("examples", "CREATE TEMPORARY TABLE mine ()"),
        ("models", "INSERT INTO alias_moves (alias, moved_by, reason) VALUES ('champion', 'me', 'why')"),
        ("models", "DELETE FROM models"),
        ("models", "DELETE FROM runs"),
        ("models", "DROP TABLE models"),
        ("models", "ALTER TABLE models ADD COLUMN mine text"),
        ("notifications", "SELECT * FROM notification_messages"),
        ("notifications", "DELETE FROM notification_queues"),
        ("notifications", "DROP TABLE notification_messages"),
    ],
)
def test_tasks_do_nothing_else(server: Server, database: str, statement: str) -> None:
    with server.connect("tasks", database) as connection:
        assert refused(connection, statement)


def test_the_registry_reads_models_moves_aliases_and_publishes(server: Server) -> None:
    label = train(server, "a run to look at")
    aliases = AliasesStore(server.database("registry", "models"))

    moved = aliases.move("champion", label, "anna", "it is best")
    aliases.remove("champion", "anna", "or not")
    announced = announce_moves(server.database("registry", "models"), server.url("registry", "notifications"))
    runs = Ledger(server.database("registry", "models")).list_runs()
    with open_queue(server.url("owner", "notifications")) as queue:
        before = queue.count_ready_of(None)
        with open_queue(server.url("registry", "notifications")) as publisher:
            publisher.publish(make_message("a"))
        assert queue.count_ready_of(None) == before + 1

    assert moved["label"] == label
    assert announced == 2
    assert "a run to look at" in [run["run_id"] for run in runs]


@pytest.mark.parametrize(
    ("database", "statement"),
    [
        ("models", "INSERT INTO runs (run_id, permutations) VALUES ('mine', 0)"),
        ("models", "INSERT INTO models (label) VALUES ('mine')"),
        ("models", "UPDATE models SET label = 'mine'"),
        ("models", "UPDATE definitions SET state = 'failed'"),
        ("models", "UPDATE alias_moves SET reason = 'another'"),
        ("models", "INSERT INTO notifications (model_id, change) VALUES (1, 1)"),
        ("models", "UPDATE notifications SET change = 1"),
        ("models", "DELETE FROM alias_moves"),
        ("models", "DROP TABLE models"),
        ("models", "DROP VIEW aliases"),
        ("models", "TRUNCATE models CASCADE"),
        ("models", "CREATE TABLE mine ()"),
        ("models", "SET ROLE owner"),
        ("notifications", "SELECT * FROM notification_messages"),
        ("notifications", "DELETE FROM notification_messages"),
        ("notifications", "INSERT INTO notification_queues (name) VALUES ('mine')"),
    ],
)
def test_the_registry_does_nothing_else(server: Server, database: str, statement: str) -> None:
    with server.connect("registry", database) as connection:
        assert refused(connection, statement)


def test_the_service_reads_models_and_consumes(server: Server) -> None:
    label = train(server, "a run to serve")
    AliasesStore(server.database("owner", "models")).move("champion", label, "anna", "it is best")
    source = DatabaseSource(server.database("service", "models"))
    taken: list[Any] = []

    with open_queue(server.url("service", "notifications")) as queue:
        queue.subscribe("service")
        with open_queue(server.url("tasks", "notifications")) as publisher:
            publisher.publish(make_message("a"))
        queue.consume(taken.append, timeout_seconds=0, consumer="service")

    target = source.look("@champion")
    assert target.label == label
    assert source.fetch(target).rest
    assert [message["label"] for message in taken] == ["a"]


@pytest.mark.parametrize(
    ("database", "statement"),
    [
        ("models", "SELECT * FROM runs"),
        ("models", "SELECT * FROM testing_sets"),
        ("models", "INSERT INTO alias_moves (alias, moved_by, reason) VALUES ('champion', 'me', 'why')"),
        ("models", "UPDATE models SET label = 'mine'"),
        ("models", "CREATE TEMPORARY TABLE mine ()"),
        ("notifications", "INSERT INTO notification_messages (queue, body) VALUES ('pipeline.notifications', '{}')"),
        ("notifications", "DROP TABLE notification_messages"),
    ],
)
def test_the_service_does_nothing_else(server: Server, database: str, statement: str) -> None:
    with server.connect("service", database) as connection:
        assert refused(connection, statement)


@pytest.mark.parametrize(
    ("role", "databases"),
    [
        ("owner", {"examples", "models", "notifications"}),
        ("tasks", {"examples", "models", "notifications"}),
        ("registry", {"models", "notifications"}),
        ("service", {"models", "notifications"}),
        ("airflow", {"airflow"}),
    ],
)
def test_a_role_opens_its_databases_and_no_other(server: Server, role: str, databases: set[str]) -> None:
    opened = set()
    for database in OWNERS:
        try:
            server.connect(role, database).close()
            opened.add(database)
        except psycopg.OperationalError as error:
            assert "permission denied for database" in str(error)  # noqa: PT017

    assert opened == databases


def test_no_role_is_a_superuser_or_makes_roles(server: Server) -> None:
    query = "SELECT rolname FROM pg_roles WHERE (rolsuper OR rolcreaterole OR rolcreatedb) AND rolname = ANY(%s)"
    with psycopg.connect(server.superuser) as connection:
        assert connection.execute(query, [[*PASSWORDS]]).fetchall() == []


def test_what_a_role_may_not_do_is_a_sentence(server: Server) -> None:
    with pytest.raises(DatabaseUnavailableError, match=r"its role may not do this .*; use a role that may, such as"):
        AliasesStore(server.database("tasks", "models")).remove("champion", "anna", "why")


@pytest.mark.parametrize("schema", ALL_SCHEMAS)
def test_every_table_has_somebody_who_may_read_it(server: Server, schema: str) -> None:
    """A migration that makes a table decides who may read it; nobody but the owner is a decision too."""
    with server.connect("owner", schema) as connection:
        tables = {name for (name,) in connection.execute(TABLES)}
        roles = [role for role in PASSWORDS if role != "owner"]
        unread = {
            table
            for table in tables
            if connection.execute(READERS, {"roles": roles, "table": table}).fetchone() != (True,)
        }

    assert len(tables) > 2
    assert unread == set()


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
        connection.execute("GRANT DELETE ON models TO registry")
        connection.execute("REVOKE INSERT ON alias_moves FROM registry")

    grant(server.url("owner", "models"), "models")

    with server.connect("registry", "models") as connection:
        assert refused(connection, "DELETE FROM models")
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
