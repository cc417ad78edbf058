"""What each role may do on a real server, and that it may do nothing else."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from factories import make_definition, make_evaluation
from integration.notifications.brokers import make_message
from integration.stores.roles_server import ALL_SCHEMAS, OWNERS, PASSWORDS, Server, refused, train
from pipeline.errors import DatabaseUnavailableError
from pipeline.examples.example import Selection
from pipeline.notifications.queue import open_queue
from pipeline.runs import announce
from pipeline.runs.announce import announce_moves
from pipeline.runs.connections import Connections
from pipeline.runs.prune import prune
from pipeline.service.database_source import DatabaseSource
from pipeline.stores.author import Author
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.evaluations import EvaluationsStore
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.notifications import NotificationsStore
from pipeline.stores.models.prune import Policy
from pipeline.stores.models.removal import RemovalStore
from pipeline.stores.models.run_names import describe_run
from pipeline.stores.models.split_accounts import SplitAccounts

TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') AND relowner = 'owner'::regrole
"""
READERS = "SELECT bool_or(has_table_privilege(role, %(table)s::text, 'SELECT')) FROM unnest(%(roles)s::name[]) AS role"


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


def test_tasks_store_evaluations_that_the_registry_reads(server: Server) -> None:
    label = train(server, "a run to evaluate")
    evaluation = make_evaluation(label)

    stored = [EvaluationsStore(server.database("tasks", "models")).save(evaluation) for _ in range(2)]

    [read] = EvaluationsStore(server.database("registry", "models")).list_newest(label=label)
    assert stored == [read["evaluation_id"]] * 2
    with server.connect("registry", "models") as connection:
        assert refused(connection, "UPDATE evaluations SET seconds = 0")
    with server.connect("tasks", "models") as connection:
        assert refused(connection, "TRUNCATE evaluations")


@pytest.mark.parametrize(
    ("database", "statement"),
    [
        ("examples", "INSERT INTO keyring (fingerprint) VALUES ('')"),
        ("examples", "DELETE FROM examples"),
        ("examples", "UPDATE examples SET key_id = ''"),
        ("examples", "CREATE TABLE mine ()"),
        ("examples", "CREATE TEMPORARY TABLE mine ()"),
        ("models", "INSERT INTO alias_moves (alias, moved_by, reason) VALUES ('champion', 'me', 'why')"),
        ("models", "DELETE FROM alias_moves"),
        ("models", "UPDATE deleted_models SET reason = 'another'"),
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
    describe_run(server.database("registry", "models"), "a run to look at", {"name": "Looked at"})
    runs = Ledger(server.database("registry", "models")).list_runs()
    with open_queue(server.url("owner", "notifications")) as queue:
        before = queue.count_ready_of(None)
        with open_queue(server.url("registry", "notifications")) as publisher:
            publisher.publish(make_message("a"))
        assert queue.count_ready_of(None) == before + 1

    assert moved["label"] == label
    assert announced == 2
    assert ("a run to look at", "Looked at") in [(run["run_id"], run["name"]) for run in runs]


def test_the_registry_deletes_retires_and_brings_back_models(server: Server) -> None:
    label = train(server, "a run to take away")
    removal, author = RemovalStore(server.database("registry", "models")), Author("anna", "a test")
    AliasesStore(server.database("registry", "models")).move("champion", label, "anna", "it is best")

    version = removal.delete(["@champion"], author, with_aliases=True)[0]["version"]
    train(server, "a run to take away")
    again = f"{label}@{version + 1}"

    assert removal.retire([again], author) == removal.bring_back([again]) == [(label, version + 1)]
    assert len(removal.delete([again], author)) == 1


def test_tasks_prune_what_is_old(server: Server) -> None:
    train(server, "an old run")
    connections = Connections(
        server.database("tasks", "examples"), server.database("tasks", "models"), server.url("tasks", "notifications")
    )
    announce.notify("an old run", connections)
    with server.connect("owner", "models") as connection:
        connection.execute("UPDATE models SET created_at = '2016-1-1'")
        connection.execute("UPDATE runs SET closed_at = '2016-1-1'")
    with server.connect("owner", "notifications") as connection:
        connection.execute("UPDATE notification_messages SET published_at = '2016-1-1'")

    done = prune(Policy(30, best=0), connections, Author("the DAG prune", "a test"), None)

    assert done.models > 0
    assert done.runs > 0
    assert done.messages > 0


@pytest.mark.parametrize(
    ("database", "statement"),
    [
        ("models", "INSERT INTO runs (run_id, permutations) VALUES ('mine', 0)"),
        ("models", "UPDATE runs SET closed_at = now()"),
        ("models", "INSERT INTO models (label) VALUES ('mine')"),
        ("models", "UPDATE models SET label = 'mine'"),
        ("models", "UPDATE definitions SET state = 'failed'"),
        ("models", "UPDATE alias_moves SET reason = 'another'"),
        ("models", "INSERT INTO notifications (model_id, change) VALUES (1, 1)"),
        ("models", "UPDATE notifications SET change = 1"),
        ("models", "DELETE FROM alias_moves"),
        ("models", "DELETE FROM deleted_models"),
        ("models", "DELETE FROM runs"),
        ("models", "DROP TABLE models"),
        ("models", "DROP VIEW aliases"),
        ("models", "TRUNCATE models CASCADE"),
        ("models", "CREATE TABLE mine ()"),
        ("models", "SET ROLE owner"),
        ("models", "INSERT INTO split_accounts (examples_digest) VALUES ('mine')"),
        ("models", "DELETE FROM split_accounts"),
        ("examples", "SELECT payload FROM examples"),
        ("examples", "SELECT key_id FROM examples"),
        ("examples", "SELECT * FROM examples"),
        ("examples", "SELECT examples FROM examples"),
        ("examples", "SELECT count(*) FROM examples WHERE octet_length(payload) > 0"),
        ("examples", "COPY examples TO STDOUT"),
        ("examples", "SELECT fingerprint FROM keyring"),
        ("examples", "DELETE FROM examples"),
        ("examples", "UPDATE examples SET digest = ''"),
        ("notifications", "SELECT * FROM notification_messages"),
        ("notifications", "DELETE FROM notification_messages"),
        ("notifications", "INSERT INTO notification_queues (name) VALUES ('mine')"),
    ],
)
def test_the_registry_does_nothing_else(server: Server, database: str, statement: str) -> None:
    with server.connect("registry", database) as connection:
        assert refused(connection, statement)


def test_the_registry_counts_and_compares_examples(server: Server) -> None:
    january = Selection("default", datetime(2016, 1, 1, tzinfo=UTC), datetime(2016, 2, 1, tzinfo=UTC))
    survey = ExamplesSurvey(server.database("registry", "examples"))

    assert survey.count([january]) == [0]
    assert survey.spans() == {}
    assert len(survey.digest([make_definition().dataset])) == 1
    assert SplitAccounts(server.database("registry", "models")).find([]) == []


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
        ("registry", {"examples", "models", "notifications"}),
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
