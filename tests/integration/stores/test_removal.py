"""Models are deleted, retired and brought back; histories keep their names, and no version comes again."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from factories import make_answers, make_definition, make_document, make_expansion, make_trained_model
from pipeline.errors import NotFoundError, PipelineError
from pipeline.plans.expansion import Expansion
from pipeline.stores.author import Author
from pipeline.stores.database import Connection, Database
from pipeline.stores.models import store as store_module
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.notifications import NotificationsStore
from pipeline.stores.models.removal import RemovalStore
from pipeline.stores.models.store import ModelsStore

DEFINITION = make_definition()
LABEL = DEFINITION.label
AUTHOR = Author("jo", "it was of no use")


@pytest.fixture
def store(models_db: Database) -> ModelsStore:
    ledger = Ledger(models_db)
    for run_id in ("run-1", "run-2", "run-3"):
        ledger.open_run(run_id, {}, make_expansion(DEFINITION))
    return ModelsStore(models_db)


@pytest.fixture
def removal(models_db: Database) -> RemovalStore:
    return RemovalStore(models_db)


def count(database: Database, table: str) -> int:
    with database.connection() as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    assert row is not None
    return int(row[0])


def test_a_deleted_model_leaves_its_name_only(store: ModelsStore, removal: RemovalStore) -> None:
    store.save(make_trained_model(DEFINITION))
    NotificationsStore(store.database).insert_missing()

    (deleted,) = removal.delete([LABEL], AUTHOR)

    assert (deleted["label"], deleted["version"], deleted["run_id"]) == (LABEL, 1, "run-1")
    tables = ("models", "adapter_documents", "testing_sets", "notifications")
    assert {table: count(store.database, table) for table in tables} == dict.fromkeys(tables, 0)
    (noted,) = removal.list_deleted(10)
    assert (noted["label"], noted["version"], noted["deleted_by"], noted["reason"]) == (LABEL, 1, *AUTHOR)
    with pytest.raises(NotFoundError, match="there is no"):
        store.get_document(LABEL)


def test_a_label_alone_is_refused_if_it_has_several_versions(store: ModelsStore, removal: RemovalStore) -> None:
    for run_id in ("run-1", "run-2"):
        store.save(make_trained_model(DEFINITION, run_id))

    with pytest.raises(PipelineError, match=f"{LABEL}: has 2 versions; {LABEL}@1, {LABEL}@2; name each"):
        removal.delete([LABEL], AUTHOR)

    assert count(store.database, "models") == 2


def test_what_another_model_needs_stays(store: ModelsStore, removal: RemovalStore) -> None:
    for run_id in ("run-1", "run-2"):
        store.save(make_trained_model(DEFINITION, run_id))

    removal.delete([f"{LABEL}@1"], AUTHOR)

    assert store.get_document(LABEL, 2) == make_document()
    assert store.list_answers([(LABEL, 2)]) == [make_answers()]


def test_a_testing_set_that_chooses_for_another_model_stays(store: ModelsStore, removal: RemovalStore) -> None:
    others = make_answers("abab", "bbaa")
    store.save(make_trained_model(DEFINITION, "run-1", answers=others))
    store.save(make_trained_model(DEFINITION, "run-2", validation_answers=others))

    removal.delete([f"{LABEL}@1"], AUTHOR)
    assert count(store.database, "testing_sets") == 2
    removal.delete([f"{LABEL}@2"], AUTHOR)
    assert count(store.database, "testing_sets") == 0


def test_no_version_comes_again(store: ModelsStore, removal: RemovalStore) -> None:
    store.save(make_trained_model(DEFINITION, "run-1"))
    store.save(make_trained_model(DEFINITION, "run-2"))

    removal.delete([f"{LABEL}@2", f"{LABEL}@1"], AUTHOR)

    assert store.save(make_trained_model(DEFINITION, "run-3")) == 3
    assert store.save(make_trained_model(DEFINITION, "run-1")) == 4


def test_a_model_that_an_alias_points_at_is_neither_deleted_nor_retired(
    store: ModelsStore, removal: RemovalStore
) -> None:
    store.save(make_trained_model(DEFINITION, "run-1"))
    store.save(make_trained_model(DEFINITION, "run-2"))
    AliasesStore(store.database).move("champion", f"{LABEL}@1", "anna", "best")

    for change in (removal.delete, removal.retire):
        with pytest.raises(PipelineError, match=f"@champion points at {LABEL}@1; point it elsewhere with"):
            change([f"{LABEL}@2", f"{LABEL}@1"], AUTHOR)

    assert count(store.database, "models") == 2
    assert [model["retired_at"] for model in store.list_models()] == [None, None]
    assert count(store.database, "deleted_models") == 0


def test_with_its_aliases_it_is_deleted_and_the_history_of_moves_keeps_its_name(
    store: ModelsStore, removal: RemovalStore
) -> None:
    store.save(make_trained_model(DEFINITION, "run-1"))
    aliases, notifications = AliasesStore(store.database), NotificationsStore(store.database)
    aliases.move("champion", LABEL, "anna", "best")

    removal.delete([LABEL], AUTHOR, with_aliases=True)

    assert aliases.list_aliases() == []
    taken, moved = aliases.list_moves("champion")
    assert (taken["label"], taken["moved_by"], taken["reason"]) == (None, *AUTHOR)
    assert (moved["label"], moved["version"], moved["is_deleted"]) == (LABEL, 1, True)
    notifications.insert_missing_moves()
    events = [(each["event"], each["label"], each["previous"]) for each in notifications.read_announced()]
    assert events == [("alias.moved", LABEL, None), ("alias.removed", None, {"label": LABEL, "version": 1})]


def test_the_definitions_of_every_run_say_why_they_have_no_model(store: ModelsStore, removal: RemovalStore) -> None:
    ledger = Ledger(store.database)
    store.save(make_trained_model(DEFINITION, "run-1"))
    with store.database.connection() as connection:
        connection.execute(
            "UPDATE definitions SET state = 'reused', reused_model_id = model_id FROM models "
            "WHERE definitions.run_id = 'run-2'"
        )

    removal.delete([LABEL], AUTHOR)

    for run_id, state in (("run-1", "trained"), ("run-2", "reused")):
        (row,) = ledger.list_definitions(run_id)
        assert (row["state"], row["version"]) == (state, None)
        assert row["error"].startswith("its model was deleted by jo on ")
        assert row["error"].endswith(": it was of no use")


def test_a_run_that_is_started_again_trains_what_was_deleted(store: ModelsStore, removal: RemovalStore) -> None:
    ledger = Ledger(store.database)
    store.save(make_trained_model(DEFINITION, "run-1"))
    removal.delete([LABEL], AUTHOR)

    expansion: Expansion = make_expansion(DEFINITION)
    assert ledger.open_run("run-1", {}, expansion) == [LABEL]
    assert ledger.list_definitions("run-1")[0]["state"] == "planned"
    store.save(make_trained_model(DEFINITION, "run-1"))
    (row,) = ledger.list_definitions("run-1")
    assert (row["state"], row["version"], row["error"]) == ("trained", 2, None)


def test_a_retired_model_is_kept_and_not_offered(store: ModelsStore, removal: RemovalStore) -> None:
    store.save(make_trained_model(DEFINITION, "run-1"))
    store.save(make_trained_model(DEFINITION, "run-2"))
    assert removal.retire([f"{LABEL}@2"], AUTHOR) == [(LABEL, 2)]

    assert [model["version"] for model in store.list_models()] == [1]
    assert [model["version"] for model in store.list_models(retired=True)] == [2]
    assert [model["version"] for model in store.list_newest()] == [1]
    assert store.get_model(LABEL)["version"] == 1
    assert store.get_model(LABEL, 2)["retired_by"] == "jo"
    assert Ledger(store.database).list_definitions("run-2")[0]["version"] is None
    with pytest.raises(PipelineError, match=f"{LABEL}@2: is retired or deleted; bring it back with"):
        AliasesStore(store.database).move("champion", f"{LABEL}@2", "anna", "best")


def test_a_model_is_brought_back(store: ModelsStore, removal: RemovalStore) -> None:
    store.save(make_trained_model(DEFINITION))
    removal.retire([LABEL], AUTHOR)

    removal.retire([LABEL], Author("anna", "later"))
    assert store.get_model(LABEL)["retired_by"] == "jo"
    assert removal.bring_back([LABEL]) == removal.bring_back([LABEL]) == [(LABEL, 1)]
    assert [model["version"] for model in store.list_models()] == [1]
    (row,) = Ledger(store.database).list_definitions("run-1")
    assert (row["version"], row["error"]) == (1, None)


def test_a_retired_model_that_is_trained_again_is_in_use_again(store: ModelsStore, removal: RemovalStore) -> None:
    store.save(make_trained_model(DEFINITION))
    removal.retire([LABEL], AUTHOR)

    store.save(make_trained_model(DEFINITION, document=make_document(model="another")))

    assert [model["version"] for model in store.list_models()] == [1]


def test_no_reuse_takes_a_retired_or_a_deleted_model(store: ModelsStore, removal: RemovalStore) -> None:
    lineage = {"seed": 7, "examples": {"digest": "d"}}
    for run_id in ("run-1", "run-2", "run-3"):
        store.save(make_trained_model(DEFINITION, run_id, lineage=lineage))
    with store.database.connection() as connection:
        ids = [model_id for (model_id,) in connection.execute("SELECT model_id FROM models ORDER BY version")]

    removal.retire([f"{LABEL}@3"], AUTHOR)
    assert store.find_stored({LABEL: "d"}, 7) == {LABEL: ids[1]}
    removal.delete([f"{LABEL}@2"], AUTHOR)
    assert store.find_stored({LABEL: "d"}, 7) == {LABEL: ids[0]}


def test_models_are_stored_and_deleted_at_once(store: ModelsStore, removal: RemovalStore) -> None:
    with ThreadPoolExecutor(2) as pool:
        for round_ in range(25):
            before = store.save(make_trained_model(DEFINITION, "run-1" if round_ % 2 else "run-2"))
            saving = pool.submit(store.save, make_trained_model(DEFINITION, "run-2" if round_ % 2 else "run-1"))
            pool.submit(removal.delete, [f"{LABEL}@{before}"], AUTHOR).result(60)
            version = saving.result(60)
            assert store.get_document(LABEL, version) == make_document()
            assert store.list_answers([(LABEL, version)]) == [make_answers()]
            removal.delete([f"{LABEL}@{version}"], AUTHOR)


def test_deleting_waits_for_a_training_that_has_found_the_testing_set(
    store: ModelsStore, removal: RemovalStore
) -> None:
    store.save(make_trained_model(DEFINITION, "run-1"))
    sha256 = make_answers().testing_set
    with ThreadPoolExecutor() as pool, store.database.connection() as training:
        assert training.execute(store_module.queries.has_testing_set, {"sha256": sha256}).rowcount == 1
        deleting = pool.submit(removal.delete, [LABEL], AUTHOR)
        with store.database.connection() as watching:
            wait_until_somebody_waits(watching)
        assert not deleting.done()
        training.commit()
        deleting.result(60)
    assert count(store.database, "testing_sets") == 0


def wait_until_somebody_waits(connection: Connection) -> None:
    """Return once a session of this database waits for a lock."""
    connection.autocommit = True
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _ in range(100_000):
        if connection.execute(waiting).rowcount:
            return
    raise AssertionError("nobody waits for a lock")
