"""Tests hold a training by the lock of its label: what is not held ends, and what is held does not."""

from concurrent.futures import ThreadPoolExecutor

from factories import make_definition, make_expansion, make_trained_model
from holding import held
from passing import WAITING_FOR_A_LOCK
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore

HELD, FREE = make_definition(), make_definition(kernel="rbf")


def test_a_model_is_not_stored_while_its_label_is_held(models_db: Database) -> None:
    ledger, store = Ledger(models_db), ModelsStore(models_db)
    ledger.open_run("run-1", {}, make_expansion(HELD, FREE))
    for definition in (HELD, FREE):
        ledger.begin_training("run-1", definition.label)

    with ThreadPoolExecutor(1) as pool:
        with held(models_db, [HELD.label]):
            saving = pool.submit(store.save, make_trained_model(HELD))
            with models_db.connection() as connection:
                connection.autocommit = True
                while connection.execute(WAITING_FOR_A_LOCK).fetchone() == (0,):
                    assert not saving.done(), "it was stored without the lock of its label"
            store.save(make_trained_model(FREE))
            states = {row["label"]: row["state"] for row in ledger.list_definitions("run-1")}
        saving.result(30)

    assert states == {HELD.label: "training", FREE.label: "trained"}
    assert {row["state"] for row in ledger.list_definitions("run-1")} == {"trained"}
