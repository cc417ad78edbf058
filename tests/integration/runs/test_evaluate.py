"""Stored models scored on examples of real databases, once for each run."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from commands import run_pipeline
from factories import make_definition, make_expansion
from integration.january import load_january
from pipeline.environment import Prepared
from pipeline.errors import NotFoundError, TrainingError
from pipeline.examples.answers import encrypt_ids
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.keyring import KeyRing
from pipeline.examples.rows import IncomingRow
from pipeline.plans.errors import EvaluationRequestError
from pipeline.runs.connections import Connections
from pipeline.runs.evaluate import evaluate, pin_models
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.evaluations import EvaluationsStore
from pipeline.stores.models.ledger import Ledger
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.lineage import TaskRun

ONE, OTHER = make_definition(), make_definition(sequence_length=4)
# of the forty examples of `load_january`, one an hour, the oldest 32 train
TRAINED_UNTIL = "2016-1-2T08:00"
NOW = datetime(2016, 3, 1, tzinfo=UTC)
NEW = (("fruit", "apple pear plum"), ("metal", "iron zinc tin"), ("fruit", "iron zinc tin"), ("wood", "oak elm"))
FIRST, SECOND = f"{ONE.label}@1", f"{OTHER.label}@1"


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> KeyRing:
    keyring = KeyRing.generate()
    monkeypatch.setattr(KeyRing, "of", lambda _: keyring)
    return keyring


@pytest.fixture
def connections(
    examples_db: Database, models_db: Database, postgres_url: str, keyring: KeyRing, tmp_path: Path
) -> Connections:
    """Databases with two models, trained on 32 of forty examples of January 2016."""
    load_january(examples_db, keyring)
    Ledger(models_db).open_run("trained", {}, make_expansion(ONE, OTHER))
    connections = Connections(examples_db, models_db, postgres_url, shared=Prepared(store=f"file://{tmp_path}"))
    for definition in (ONE, OTHER):
        train(definition.label, TaskRun("trained"), connections)
    return connections


@pytest.fixture
def load(examples_db: Database, keyring: KeyRing) -> Callable[..., None]:
    """Return a function that loads examples, one an hour."""

    def add(start: datetime, *rows: tuple[str, str], collection: str = "default") -> None:
        incoming = [
            IncomingRow(number, f"{start}-{number}", start + timedelta(hours=number), classification, text)
            for number, (classification, text) in enumerate(rows)
        ]
        ExamplesStore(examples_db, keyring).load(collection, iter(incoming), BrokenRows("test"))

    return add


def list_evaluations(connections: Connections, **wanted: Any) -> list[dict[str, Any]]:
    return EvaluationsStore(connections.models_db).list_newest(**wanted)


def test_models_are_scored_on_new_examples_and_that_is_stored(
    connections: Connections, load: Callable[..., None]
) -> None:
    load(datetime(2016, 2, 1, tzinfo=UTC), *NEW)
    conf = {"models": [ONE.label, OTHER.label], "from": "2016-2-1"}

    pinned = pin_models(conf, NOW, connections)
    for reference in pinned:
        evaluate(reference, "evaluated", conf, NOW, connections)

    assert pinned == [FIRST, SECOND]
    other, one = list_evaluations(connections)
    assert (one["label"], one["version"], one["run_id"], one["dataset"]) == (ONE.label, 1, "evaluated", None)
    assert (one["accuracy"], one["unknown_examples"], one["perhaps_trained"]) == (0.5, 1, 0)
    assert (one["testing_set"]["examples"], one["testing_set"]["collection"]) == (4, "default")
    assert one["marks"] == ["unknown classes"]
    assert one["accuracy_interval"][0] < 0.5 < one["accuracy_interval"][1]
    assert one["testing_set"] == other["testing_set"]
    [[ones], [others]] = (
        [*row.values()] for row in (keep_evaluated(each) for each in answered(connections, ONE.label, OTHER.label))
    )
    answers = EvaluationsStore(connections.models_db).get_answers([ones["evaluation_id"], others["evaluation_id"]])
    assert answers[ones["evaluation_id"]].scores["per_class"]["wood"]["support"] == 1
    assert len(answers[ones["evaluation_id"]].answers.answers) == 4 * 4


def answered(connections: Connections, *labels: str) -> list[dict[bytes, dict[str, Any]]]:
    return EvaluationsStore(connections.models_db).list_answered([(label, 1) for label in labels])


def keep_evaluated(rows: dict[bytes, dict[str, Any]]) -> dict[bytes, dict[str, Any]]:
    return {name: row for name, row in rows.items() if not row["own"]}


def test_the_testing_set_of_a_models_own_dataset_is_the_one_it_was_tested_on(connections: Connections) -> None:
    conf = {"models": [ONE.label], "dataset": ONE.to_dict()["dataset"]}

    evaluate(FIRST, "evaluated", conf, NOW, connections)

    [one] = list_evaluations(connections)
    assert (one["dataset"], one["marks"]) == (conf["dataset"], [])
    [sets] = answered(connections, ONE.label)
    [row] = sets.values()
    assert (row["own"], row["testing_set"]["digest"]) == (True, one["testing_set"]["digest"])


@pytest.mark.parametrize(
    ("span", "perhaps"),
    [
        ({}, 32),
        ({"from": TRAINED_UNTIL}, 0),
        ({"from": "2016-1-2T07:00"}, 1),
        ({"to": "2016-1-1T02:00"}, 2),
        ({"collection": "copy"}, 0),
    ],
    ids=["all", "what tested it", "one that trained it", "two that trained it", "another collection"],
)
def test_what_may_have_trained_a_model_is_counted_and_marked(
    connections: Connections, load: Callable[..., None], span: dict[str, str], perhaps: int
) -> None:
    load(datetime(2016, 1, 1, 0, 30, tzinfo=UTC), ("fruit", "apple pear"), collection="copy")

    evaluate(FIRST, "evaluated", {"models": [ONE.label]} | span, NOW, connections)

    [one] = list_evaluations(connections)
    assert one["perhaps_trained"] == perhaps
    assert ("perhaps trained on" in one["marks"]) == (perhaps > 0)


def test_a_second_try_leaves_one_row_and_another_run_a_second(connections: Connections) -> None:
    conf = {"models": [ONE.label], "from": TRAINED_UNTIL}

    numbers = [evaluate(FIRST, run_id, conf, NOW, connections) for run_id in ("one", "one", "two")]

    assert numbers[0] == numbers[1] != numbers[2]
    assert [row["run_id"] for row in list_evaluations(connections)] == ["two", "one"]
    assert list_evaluations(connections, run_id="one", limit=1)[0]["total"] == 1


def test_a_run_ends_where_it_began_and_means_what_its_aliases_meant_then(
    connections: Connections, load: Callable[..., None]
) -> None:
    aliases = AliasesStore(connections.models_db)
    aliases.move("champion", ONE.label, "ann", "the best")
    conf = {"models": ["@champion", ONE.label], "from": TRAINED_UNTIL}
    pinned = pin_models(conf, NOW, connections)
    aliases.move("champion", OTHER.label, "ann", "better")
    load(NOW, ("fruit", "apple"))

    for reference in pinned:
        evaluate(reference, "evaluated", conf, NOW, connections)

    [one] = list_evaluations(connections)
    assert (one["label"], one["testing_set"]["examples"]) == (ONE.label, 8)


def test_a_deleted_model_takes_its_evaluations_along(connections: Connections) -> None:
    conf = {"models": [ONE.label], "from": TRAINED_UNTIL}
    evaluate(FIRST, "evaluated", conf, NOW, connections)
    with connections.models_db.connection() as connection:
        connection.execute("DELETE FROM models WHERE label = %s", (ONE.label,))

    assert list_evaluations(connections) == []
    with pytest.raises(NotFoundError, match="there is no"):
        evaluate(FIRST, "evaluated", conf, NOW, connections)


def test_commands_tell_what_was_answered_to_the_same_examples(connections: Connections, models_url: str) -> None:
    evaluate(FIRST, "evaluated", {"models": [ONE.label], "to": "2016-1-1T02:00"}, NOW, connections)
    environ = {
        "AIRFLOW_CONN_MODELS_DB": models_url,
        "AIRFLOW_CONN_EXAMPLES_DB": models_url,
        "AIRFLOW_CONN_NOTIFICATIONS": models_url,
    }
    [evaluated] = list_evaluations(connections)

    both = run_pipeline(environ, "models", "compare", ONE.label, OTHER.label)
    alone = run_pipeline(
        environ, "models", "compare", FIRST, SECOND, "--testing-set", evaluated["testing_set"]["digest"], "--json"
    )
    shown = run_pipeline(environ, "models", "show", ONE.label)
    too_few = run_pipeline(environ, "models", "compare", ONE.label)

    assert both.returncode == 0, both.stderr
    assert "8 examples of collection default" in both.stdout
    assert "tie" in both.stdout
    told = json.loads(alone.stdout)
    assert (told["scores"][0]["marks"], told["scores"][1]) == (["perhaps trained on"], None)
    assert re.search(
        r"evaluated accuracy 1\.000 .* 2 examples of collection default.*; perhaps trained on", shown.stdout
    )
    assert (too_few.returncode, "1 named; 2 to 6" in too_few.stderr) == (1, True)


def test_what_an_earlier_document_answered_is_not_told_of_a_model(connections: Connections) -> None:
    evaluate(FIRST, "evaluated", {"models": [ONE.label], "to": TRAINED_UNTIL}, NOW, connections)
    with connections.models_db.connection() as connection:
        connection.execute("UPDATE evaluations SET document_sha256 = 'another'")

    assert list_evaluations(connections) == []
    assert keep_evaluated(answered(connections, ONE.label)[0]) == {}


def test_models_of_one_adapter_share_what_it_made_of_the_texts(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = make_definition(kernel="rbf")
    Ledger(connections.models_db).open_run("twin", {}, make_expansion(twin))
    train(twin.label, TaskRun("twin"), connections)
    conf = {"models": [ONE.label, twin.label], "from": TRAINED_UNTIL}
    evaluate(FIRST, "evaluated", conf, NOW, connections)
    store = ExamplesStore(connections.examples_db, connections.keyring)
    monkeypatch.setattr(type(store), "fetch", refuse)
    monkeypatch.setattr(AdaptedModel, "classify", refuse)

    evaluate(f"{twin.label}@1", "evaluated", conf, NOW, connections)

    assert len(list_evaluations(connections)) == 2


def refuse(*_: Any) -> None:
    raise AssertionError("asked again for what is shared")


def test_features_that_take_much_memory_are_answered_in_batches_alike(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = {"models": [ONE.label]}
    evaluate(FIRST, "whole", conf, NOW, connections)
    monkeypatch.setattr("pipeline.training.evaluate._MOST_ADAPTED_BYTES", -1)
    monkeypatch.setattr(AdaptedModel, "answer_adapted", refuse)

    evaluate(FIRST, "in batches", conf, NOW, connections)

    batches, whole = (row["evaluation_id"] for row in list_evaluations(connections))
    answers = EvaluationsStore(connections.models_db).get_answers([batches, whole])
    assert answers[batches].answers == answers[whole].answers


@pytest.mark.parametrize(
    ("conf", "error", "said"),
    [
        ({"models": ["nobody"]}, EvaluationRequestError, "models[0]: there is no 'nobody'"),
        ({"models": [ONE.label, "@nobody"]}, EvaluationRequestError, "models[1]: there is no 'nobody'"),
        (
            {"models": [ONE.label], "from": "2016-2-1"},
            TrainingError,
            "holds no examples from 2016-02-01T00:00:00+00:00",
        ),
        ({"models": [ONE.label], "collection": "nothing"}, TrainingError, "collection nothing: holds no examples"),
        ({"models": [ONE.label], "from": "2017-1-1"}, TrainingError, "holds no examples from 2017-01-01"),
    ],
)
def test_what_cannot_be_scored_is_refused_before_any_model_is_loaded(
    connections: Connections, conf: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as caught:
        pin_models(conf, NOW, connections)

    assert said in str(caught.value)


def test_ids_are_those_of_sealed_answers(connections: Connections, keyring: KeyRing) -> None:
    trained = EvaluationsStore(connections.models_db).get_trained(ONE.label, 1)
    store = ExamplesStore(connections.examples_db, keyring)
    digests = ONE.dataset.split(store).testing.digests

    assert trained.tested == b"".join(sorted(each.tobytes() for each in encrypt_ids(keyring.digest_key, digests)))
