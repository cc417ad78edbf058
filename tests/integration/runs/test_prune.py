"""What is old goes, what a policy keeps stays, and an interrupted prune ends complete when it is run again."""

import json
from collections.abc import Iterator

import pytest

from factories import make_definition, make_expansion, make_trained_model
from integration.notifications.brokers import make_message
from integration.runs.world import World, make_world
from pipeline.notifications.queue import open_queue
from pipeline.runs.announce import notify
from pipeline.runs.prune import preview, prune
from pipeline.stores.author import Author
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.prune import Policy, PruneStore
from pipeline.stores.models.read import read_document
from pipeline.stores.models.removal import TABLES, RemovalStore, delete_models
from pipeline.stores.models.store import ModelsStore

AUTHOR = Author("jo", "a test")
OLD = Policy(days=30, best=0)
PRUNE = ("prune", "--days", "30", "--best", "0", "--delete", "--json")
POINTS = 10
DEFINITIONS = [make_definition(sequence_length=length) for length in range(20, 24)]
LABELS = [definition.label for definition in DEFINITIONS]


@pytest.fixture(scope="module")
def prepared(
    postgres_server: str, examples_template: str, models_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A run of two models that was closed 40 days ago, on what its own examples say."""
    templates = {"examples": examples_template, "models": models_template}
    with make_world(postgres_server, templates, tmp_path_factory.mktemp("world")) as world:
        age(world)
        yield world


@pytest.fixture
def world(prepared: World) -> Iterator[World]:
    with prepared.copy() as copied:
        yield copied


def age(world: World, days: int = 40) -> None:
    """Let everything in the models database be so many days older."""
    by = f"make_interval(days => {days})"
    for table, column in (
        ("models", "created_at"),
        ("runs", "closed_at"),
        ("runs", "created_at"),
        ("deleted_models", "deleted_at"),
        ("split_accounts", "counted_at"),
        ("evaluations", "evaluated_at"),
        ("notification_messages", "published_at"),
    ):
        world.ask("models", f"UPDATE {table} SET {column} = {column} - {by}")  # noqa: S608


def add_run(world: World, run_id: str, accuracies: dict[int, float], **overrides: object) -> None:
    """Store models, by the places of their definitions, of one testing set, with these accuracies."""
    connections = world.connections
    definitions = [DEFINITIONS[place] for place in accuracies]
    Ledger(connections.models_db).open_run(run_id, {}, make_expansion(*definitions))
    store = ModelsStore(connections.models_db)
    for definition, accuracy in zip(definitions, accuracies.values(), strict=True):
        scores = make_trained_model(definition).scores | {"accuracy": accuracy}
        store.save(make_trained_model(definition, run_id, scores=scores, **overrides))
    notify(run_id, connections)


def list_left(world: World, policy: Policy) -> list[tuple[int, int]]:
    """Prune, and return which models of `LABELS` are left."""
    expected = {model["model_id"] for model in preview(policy, world.connections, None)[1]}
    before = {row[0] for row in world.ask("models", "SELECT model_id FROM models")}
    done = prune(policy, world.connections, AUTHOR, None)
    rows = world.ask("models", "SELECT model_id, label, version FROM models ORDER BY label, version")
    assert before - {row[0] for row in rows} == expected
    assert done.models == len(expected)
    left = [(LABELS.index(str(label)), int(str(version))) for _, label, version in rows if label in LABELS]
    return sorted(left)


def test_a_preview_tells_what_is_then_deleted(world: World) -> None:
    told = json.loads(world.run(*(each for each in PRUNE if each != "--delete")).stdout)
    assert world.ask("models", "SELECT count(*) FROM models") == [(2,)]
    done = json.loads(world.run(*PRUNE).stdout)

    assert told == done
    assert (told["models"], told["runs"], told["messages"]) == (2, 1, 2)
    assert told["model_bytes"] > 1_000
    for table in (*TABLES, "runs", "definitions", "notification_messages"):
        assert world.ask("models", f"SELECT count(*) FROM {table}") == [(0,)], table  # noqa: S608


def test_what_is_young_stays(world: World) -> None:
    assert prune(Policy(days=41, best=0), world.connections, AUTHOR, None).to_dict().keys()
    assert world.ask("models", "SELECT count(*) FROM models") == [(2,)]
    assert world.ask("models", "SELECT count(*) FROM notification_messages") == [(2,)]


def test_the_best_of_each_testing_set_stay(world: World) -> None:
    add_run(world, "run-2", {0: 0.5, 1: 0.9, 2: 0.7, 3: 0.8})
    age(world)

    assert list_left(world, Policy(days=30, best=2)) == [(1, 1), (3, 1)]


def test_a_retired_model_is_none_of_the_best(world: World) -> None:
    add_run(world, "run-2", {0: 0.5, 1: 0.9, 2: 0.7})
    RemovalStore(world.connections.models_db).retire([LABELS[1]], AUTHOR)
    age(world)

    assert list_left(world, Policy(days=30, best=1)) == [(2, 1)]


def test_what_an_alias_points_at_and_what_it_pointed_at_before_stays(world: World) -> None:
    add_run(world, "run-2", {0: 0.5, 1: 0.9, 2: 0.7, 3: 0.8})
    aliases = AliasesStore(world.connections.models_db)
    for place in (3, 0, 2):
        aliases.move("champion", LABELS[place], "ann", "a test")
    aliases.move("gone", LABELS[1], "ann", "a test")
    aliases.remove("gone", "ann", "a test")
    age(world)

    assert list_left(world, OLD) == [(0, 1), (2, 1)]


def test_of_each_recipe_the_last_tested_stay(world: World) -> None:
    for run_id, last in (("run-2", "2016-02-01"), ("run-3", "2016-03-01"), ("run-4", "2016-01-01")):
        lineage = {"examples": {"testing": {"last": last}}}
        add_run(world, run_id, {0: 0.9, 1: 0.5}, lineage=lineage)
    age(world)

    assert list_left(world, Policy(days=30, best=0, of_recipe=2)) == [(0, 1), (0, 2), (1, 1), (1, 2)]


def test_models_of_an_open_run_and_what_is_not_announced_stay(world: World) -> None:
    add_run(world, "run-2", {0: 0.5})
    add_run(world, "run-3", {1: 0.5})
    age(world)
    world.ask("models", "UPDATE runs SET closed_at = NULL WHERE run_id = 'run-2'")
    world.ask("models", "UPDATE notifications SET published_at = NULL FROM models WHERE models.run_id = 'run-3'"
              " AND notifications.model_id = models.model_id")  # fmt: skip

    assert list_left(world, OLD) == [(0, 1), (1, 1)]


def test_a_run_of_which_a_model_is_kept_keeps_all_its_definitions(world: World) -> None:
    add_run(world, "run-2", {0: 0.5, 1: 0.9})
    age(world)

    list_left(world, Policy(days=30, best=1))

    rows = {row["label"]: row for row in Ledger(world.connections.models_db).list_definitions("run-2")}
    assert rows[LABELS[1]]["version"] == 1
    assert (rows[LABELS[0]]["state"], rows[LABELS[0]]["version"]) == ("trained", None)
    assert rows[LABELS[0]]["error"].startswith("its model was deleted by jo")


def test_names_of_deleted_models_go_too_but_no_version_comes_again(world: World) -> None:
    add_run(world, "run-2", {0: 0.5})
    add_run(world, "run-3", {0: 0.5})
    age(world)
    prune(OLD, world.connections, AUTHOR, None)
    age(world)
    prune(OLD, world.connections, AUTHOR, None)

    names = world.ask("models", f"SELECT version FROM deleted_models WHERE label = '{LABELS[0]}'")  # noqa: S608
    assert names == [(2,)]
    add_run(world, "run-4", {0: 0.5})
    assert ModelsStore(world.connections.models_db).get_model(LABELS[0])["version"] == 3


def test_a_message_that_somebody_handles_or_that_is_young_stays(world: World) -> None:
    with open_queue(world.url("models")) as holder, open_queue(world.url("models")) as queue:
        deleted: list[int] = []

        def handle(_: object) -> None:
            queue.publish(make_message("young"))
            deleted.extend((queue.count_old(30), queue.delete_old(30)))

        assert holder.consume(handle, timeout_seconds=60, limit=1) == 1
        assert deleted == [1, 1]
        assert queue.count_ready_of(None) == 1


def test_interrupted_anywhere_it_ends_complete_when_it_is_run_again(prepared: World) -> None:
    with prepared.copy() as world:
        statements = int(world.run(*PRUNE).stderr.splitlines()[-1])
    assert statements > POINTS
    for point in range(POINTS):
        with prepared.copy() as world:
            world.run(*PRUNE, kill_at=1 + point * (statements - 1) // (POINTS - 1))

            for label, version in world.ask("models", "SELECT label, version FROM models"):
                read_document(world.connections.models_db, str(label), int(str(version)))
            world.run(*PRUNE)
            for table in (*TABLES, "runs", "notification_messages"):
                assert world.ask("models", f"SELECT count(*) FROM {table}") == [(0,)], (point, table)  # noqa: S608


def test_an_alias_that_is_pointed_at_a_model_meanwhile_keeps_it(world: World) -> None:
    add_run(world, "run-2", {0: 0.5, 1: 0.5})
    age(world)
    database = world.connections.models_db
    chosen = [model["model_id"] for model in PruneStore(database, OLD).list_models()]
    AliasesStore(database).move("champion", LABELS[0], "ann", "just now")

    with database.connection() as connection:
        deleted = [model["label"] for model in delete_models(connection, chosen, AUTHOR, unless_aliased=True)]

    assert LABELS[1] in deleted
    assert ModelsStore(database).get_model(LABELS[0])["aliases"] == ["champion"]


def test_without_a_number_of_days_it_says_what_to_give(world: World) -> None:
    with pytest.raises(AssertionError, match="--days: not given, and PIPELINE_KEEP_DAYS is not set"):
        world.run("prune")
