"""Stored models on a real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from factories import make_answers, make_definition, make_document, make_expansion, make_trained_model
from pipeline.errors import DatabaseUnavailableError, DocumentError, PipelineError, TrainingError
from pipeline.serialisation.document import SplitDocument, join_document
from pipeline.stores.database import Database
from pipeline.stores.models import store as models_module
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore

DEFINITION = make_definition()


@pytest.fixture
def store(models_db: Database) -> ModelsStore:
    ledger = Ledger(models_db)
    for run_id in ("run-1", "run-2", *(f"twin-{number}" for number in range(8))):
        ledger.open_run(run_id, {}, make_expansion(DEFINITION))
    return ModelsStore(models_db)


def test_a_model_comes_back_as_it_was_stored(store: ModelsStore) -> None:
    # byte for byte: neither order nor blanks change
    document = SplitDocument("json", b'{"longer key":1,  "b": 1e-3}', b'{"z": "\xc3\xa9", "adapter": {}}')
    version = store.save(make_trained_model(DEFINITION, document=document))

    model = store.get_model(DEFINITION.label)
    assert version == model["version"] == 1
    assert model["definition"] == DEFINITION.to_dict()
    assert model["training_seconds"] == 0.75
    assert store.get_document(DEFINITION.label) == document
    assert model["size_bytes"] == document.size_bytes == 54


def test_a_binary_document_comes_back_as_it_was_stored(store: ModelsStore) -> None:
    document = make_document(encoding="binary")
    store.save(make_trained_model(DEFINITION, document=document))

    assert store.get_document(DEFINITION.label) == document
    assert join_document(document) == {"adapter": {"text": "an adapter"}, "model": {"text": "a model"}}


@pytest.mark.parametrize("encoding", ["json", "binary"])
@pytest.mark.parametrize("table", ["models", "adapter_documents"])
def test_a_document_that_was_changed_in_either_part_is_refused(store: ModelsStore, encoding: str, table: str) -> None:
    store.save(make_trained_model(DEFINITION, document=make_document(encoding=encoding)))
    change = {
        "json": "document = replace(document, 'text', 'tExt')",
        "binary": "binary_document = set_byte(binary_document, 8, get_byte(binary_document, 8) # 1)",
    }[encoding]
    with store.database.connection() as connection:
        connection.execute(f"UPDATE {table} SET {change}")  # noqa: S608

    with pytest.raises(DocumentError, match=rf"^{DEFINITION.label} version 1: its stored document was changed"):
        store.get_document(DEFINITION.label)


@pytest.mark.parametrize("encoding", ["json", "binary"])
def test_an_adapter_that_was_damaged_is_stored_anew_with_the_next_model_that_has_it(
    store: ModelsStore, encoding: str
) -> None:
    document = make_document(encoding=encoding)
    store.save(make_trained_model(DEFINITION, document=document))
    change = {"json": "document = 'x'", "binary": "binary_document = 'x'"}[encoding]
    with store.database.connection() as connection:
        connection.execute(f"UPDATE adapter_documents SET {change}")  # noqa: S608

    store.save(make_trained_model(DEFINITION, "run-2", document=document))

    assert store.get_document(DEFINITION.label, 1) == store.get_document(DEFINITION.label, 2) == document


def test_a_model_that_names_another_adapter_than_it_was_stored_with_is_refused(store: ModelsStore) -> None:
    for run_id, adapter in (("run-1", "one"), ("run-2", "another")):
        store.save(make_trained_model(DEFINITION, run_id, document=make_document(adapter=adapter)))
    with store.database.connection() as connection:
        connection.execute(
            "UPDATE adapter_documents SET document = (SELECT max(document) FROM adapter_documents AS other)"
        )

    refused = 0
    for version in (1, 2):
        try:
            store.get_document(DEFINITION.label, version)
        except DocumentError:
            refused += 1
    assert refused == 1  # the one whose adapter was the other


def test_an_adapter_that_models_share_is_stored_once(store: ModelsStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        models = [
            make_trained_model(DEFINITION, f"twin-{number}", document=make_document(model=f"model {number}"))
            for number in range(8)
        ]
        versions = list(pool.map(store.save, models))

    assert count_adapters(store) == 1
    for model, version in zip(models, versions, strict=True):
        assert store.get_document(DEFINITION.label, version) == model.document


def test_an_adapter_goes_with_the_last_model_that_names_it(store: ModelsStore) -> None:
    store.save(make_trained_model(DEFINITION, "run-1"))
    store.save(make_trained_model(DEFINITION, "run-2"))

    for run_id, left in (("run-1", 2), ("run-2", 1)):
        store.save(make_trained_model(DEFINITION, run_id, document=make_document(adapter="another")))
        assert count_adapters(store) == left

    assert store.get_document(DEFINITION.label) == make_document(adapter="another")


def test_adapters_that_are_exchanged_at_the_same_time_neither_block_nor_get_lost(store: ModelsStore) -> None:
    names = ["one", "other"]

    def retrain(number: int) -> None:
        document = make_document(adapter=names[number % 2], encoding="json" if number % 3 else "binary")
        store.save(make_trained_model(DEFINITION, f"twin-{number % 4}", document=document))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(retrain, range(60)))

    documents = [store.get_document(DEFINITION.label, version) for version in range(1, 5)]
    assert all(join_document(document)["adapter"]["text"] in names for document in documents)
    assert count_adapters(store) == len({document.adapter for document in documents})


def count_adapters(store: ModelsStore) -> int:
    with store.database.connection() as connection:
        row = connection.execute("SELECT count(*) FROM adapter_documents").fetchone()
    assert row
    return int(row[0])


def test_the_same_label_in_another_run_is_the_next_version(store: ModelsStore) -> None:
    versions = [store.save(make_trained_model(DEFINITION, run_id)) for run_id in ("run-1", "run-2")]

    assert versions == [1, 2]
    assert store.get_model(DEFINITION.label)["run_id"] == "run-2"
    assert store.get_model(DEFINITION.label, version=1)["run_id"] == "run-1"


def test_a_second_try_writes_the_same_row(store: ModelsStore) -> None:
    versions = [store.save(make_trained_model(DEFINITION, lineage={"try": number})) for number in (1, 2)]

    assert versions == [1, 1]
    assert len(store.list_models()) == 1
    assert store.get_model(DEFINITION.label)["lineage"] == {"try": 2}


def test_versions_stay_unique_when_runs_store_at_the_same_time(store: ModelsStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(lambda number: store.save(make_trained_model(DEFINITION, f"twin-{number}")), range(8)))

    assert sorted(versions) == list(range(1, 9))


def test_the_most_accurate_comes_first(store: ModelsStore) -> None:
    for run_id, accuracy in (("run-1", 0.7), ("run-2", 0.9)):
        scores = make_trained_model(DEFINITION).scores | {"accuracy": accuracy}
        store.save(make_trained_model(DEFINITION, run_id, scores=scores))

    assert [model["accuracy"] for model in store.list_models()] == [0.9, 0.7]
    assert [model["accuracy"] for model in store.list_models(run_id="run-1")] == [0.7]


def test_models_are_listed_by_testing_set_and_those_of_the_newest_come_first(store: ModelsStore) -> None:
    for run_id, accuracy, truths in (("run-1", 0.7, "aabb"), ("twin-0", 0.9, "abab"), ("run-2", 0.8, "aabb")):
        scores = make_trained_model(DEFINITION).scores | {"accuracy": accuracy}
        answers = make_answers("aaaa", truths)
        store.save(make_trained_model(DEFINITION, run_id, scores=scores, answers=answers))

    assert [model["accuracy"] for model in store.list_models()] == [0.8, 0.7, 0.9]


def test_an_unknown_label_or_version_is_named(store: ModelsStore) -> None:
    store.save(make_trained_model(DEFINITION))

    with pytest.raises(PipelineError, match="there is no label 'nope'"):
        store.get_model("nope")
    with pytest.raises(PipelineError, match="in version 7"):
        store.get_document(DEFINITION.label, 7)


def test_a_document_too_large_to_store_is_refused_for_good(store: ModelsStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models_module, "MAX_DOCUMENT_BYTES", 10)

    with pytest.raises(TrainingError, match="a part of its document has 116 bytes; at most 10") as caught:
        store.save(make_trained_model(DEFINITION))
    assert not caught.value.retryable
    assert store.list_models() == []


@pytest.mark.parametrize(
    ("address", "what"), [("nonsense", "is malformed"), ("postgresql://", "does not name a host and a database")]
)
def test_an_address_that_is_none_is_a_sentence(address: str, what: str) -> None:
    with pytest.raises(PipelineError, match=f"models_db: its address {what}"):
        ModelsStore(Database.from_url("models_db", address)).list_models()


def test_a_query_that_fails_on_its_own_account_is_not_called_a_lost_connection(models_db: Database) -> None:
    with pytest.raises(psycopg.errors.ProgramLimitExceeded), models_db.connection() as connection:
        connection.execute("SELECT to_jsonb(repeat('x', 268435456))")


def test_a_database_that_is_down_says_which_and_what_to_do() -> None:
    nowhere = Database.from_url("models_db", "postgresql://pipeline:secret@127.0.0.1:1/models")

    with pytest.raises(DatabaseUnavailableError, match=r"models_db: no connection .*pipeline up") as caught:
        ModelsStore(nowhere).list_models()
    assert "secret" not in str(caught.value)
