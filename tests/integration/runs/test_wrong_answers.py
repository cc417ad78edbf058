"""What a stored model answered wrongly is shown to those who hold the keys, also by the ids of a page."""

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from integration.registry.client import ANN, Client
from integration.runs.stored import change_examples, make_recipe, train_one
from pipeline.cli import example_changes, model_errors
from pipeline.errors import NotFoundError, PipelineError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.criteria import Criteria
from pipeline.examples.rows import IncomingRow
from pipeline.registry.app import make_app
from pipeline.runs.connections import Connections
from pipeline.runs.wrong_answers import list_wrong_answers
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.store import ModelsStore

POOR = make_recipe(model={"name": "scikit_model_majority", "options": {}})
"""It gives every example the same class: twelve testing examples, four of each class."""

FAIR = make_recipe(model={"name": "scikit_model_logistic_regression", "options": {}})


@pytest.fixture
def poor(connections: Connections) -> str:
    """The label of a model that is mostly wrong."""
    return train_one(connections, POOR)


def test_what_is_wrong_is_what_the_scores_count(connections: Connections, poor: str) -> None:
    scores = ModelsStore(connections.models_db).get_model(poor)["scores"]

    found = list_wrong_answers(connections, poor)

    assert (found.version, found.tested, found.gone) == (1, 12, 0)
    assert (found.wrong, found.matching, len(found.items)) == (8, 8, 8)
    cells = scores["confusion_matrix"]
    names = scores["classes"]
    counted = {
        (names[row], names[column]): value
        for row, line in enumerate(cells)
        for column, value in enumerate(line)
        if row != column and value
    }
    told = [(each.truth, each.answer) for each in found.items]
    assert {pair: told.count(pair) for pair in told} == counted
    assert [each.occurred_at for each in found.items] == sorted(each.occurred_at for each in found.items)
    rows = {
        each.id.hex(): each
        for each in ExamplesStore(connections.examples_db, connections.keyring).find(Criteria("default"))
    }
    for each in found.items:
        assert (each.text, each.truth) == (rows[each.id].text, rows[each.id].classification)


def test_they_are_narrowed_down_by_truth_and_answer(connections: Connections, poor: str) -> None:
    everything = list_wrong_answers(connections, poor).items
    answer = everything[0].answer
    other = everything[0].truth

    assert [each.truth for each in list_wrong_answers(connections, poor, other).items] == [other] * 4
    assert len(list_wrong_answers(connections, poor, None, answer).items) == 8
    assert list_wrong_answers(connections, poor, None, other).items == []
    limited = list_wrong_answers(connections, poor, limit=3)
    assert (limited.matching, limited.items) == (8, everything[:3])
    with pytest.raises(PipelineError, match="the model knows no 'class Z'; one of class A, class B, class C"):
        list_wrong_answers(connections, poor, "class Z")


def test_texts_are_in_no_representation_that_a_log_or_a_traceback_shows(connections: Connections, poor: str) -> None:
    found = list_wrong_answers(connections, poor)

    assert found.items[0].text
    assert not [word for word in ("aword", "bword", "shared", "class A", "class B") if word in repr(found)]


@pytest.mark.parametrize("kind", ["corrected", "deleted"])
def test_those_that_are_gone_are_counted(connections: Connections, poor: str, kind: str) -> None:
    before = list_wrong_answers(connections, poor).items
    change_examples(connections, kind, 3, newest=True)

    after = list_wrong_answers(connections, poor)

    gone = {each.id for each in before} - {each.id for each in after.items}
    assert (after.wrong, after.matching) == (8, 8)
    assert after.gone == len(gone) == 2


def test_an_id_of_a_comparison_leads_to_the_text_right_or_wrong(connections: Connections, poor: str) -> None:
    fair = train_one(connections, FAIR, "run-2")
    client = Client(make_app(ANN, lambda: connections.models_db))
    items = client.get("/comparison", model=[poor, fair])["disagreements"]["items"]
    shown = next(each["example"] for each in items if each["right"] == [False, True])
    store = ExamplesStore(connections.examples_db, connections.keyring)

    (right,) = list_wrong_answers(connections, fair, ids=[shown]).items
    (wrong,) = list_wrong_answers(connections, poor, ids=[shown.upper()]).items
    (found,) = store.find(Criteria("default", frozenset([shown])))

    assert right.answer == right.truth == wrong.truth != wrong.answer
    place = [each.id for each in store.find(Criteria("default"))].index(found.id)  # its id in the file
    assert (right.text, right.id) == (wrong.text, wrong.id) == (found.text, found.id.hex())
    for other in (found.id.hex(), str(place)):
        ids = list_wrong_answers(connections, poor, ids=[other, "nothing"])
        assert (len(ids.items), ids.unknown_ids) == (1, ["nothing"])
    training = next(store.find(Criteria("default"))).id.hex()
    assert list_wrong_answers(connections, poor, ids=[training]).unknown_ids == [training]


def test_equal_examples_are_shown_each(connections: Connections) -> None:
    store = ExamplesStore(connections.examples_db, connections.keyring)
    (last,) = [*store.find(Criteria("default"))][-1:]
    rows = [IncomingRow(number, f"again-{number}", last.occurred_at, "class D", last.text) for number in (1, 2)]
    store.load("default", iter(rows), BrokenRows("test"))
    label = train_one(connections, POOR)

    found = list_wrong_answers(connections, label, "class D").items

    assert len(found) == len({each.id for each in found}) == 2


def test_probabilities_are_those_of_the_stored_model(connections: Connections) -> None:
    label = train_one(connections, FAIR)
    AliasesStore(connections.models_db).move("champion", label, "ann", "the best")
    ids = [str(number) for number in range(48, 60)]

    found = list_wrong_answers(connections, "@champion", ids=ids, probabilities=True).items

    assert len(found) == 12
    for each in found:
        assert each.probability is not None
        assert each.probability >= 1 / 3 - 1e-6
    assert {each.probability for each in list_wrong_answers(connections, label, ids=ids).items} == {None}


def test_a_model_without_stored_answers_and_an_unknown_one_are_refused(connections: Connections, poor: str) -> None:
    with connections.models_db.connection() as connection:
        connection.execute("UPDATE models SET testing_set = NULL, answers = NULL")

    with pytest.raises(PipelineError, match="its answers are not stored; train it again"):
        list_wrong_answers(connections, poor)
    with pytest.raises(NotFoundError):
        list_wrong_answers(connections, f"{poor}@7")


def test_the_commands_print_it(connections: Connections, poor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_errors, "connections", lambda: connections)
    store = ExamplesStore(connections.examples_db, connections.keyring)
    monkeypatch.setattr(example_changes, "examples_store", lambda: store)
    app = typer.Typer()
    app.command("errors")(model_errors.list_errors)
    app.command("find")(example_changes.find)

    def run(*arguments: str) -> Any:
        done = CliRunner().invoke(app, [*arguments], env={"COLUMNS": "200"})
        assert done.exit_code == 0, done.output
        return done

    said = run("errors", poor, "--limit", "3").stdout
    assert f"{poor}@1: 8 of 12 testing examples answered wrongly, 5 not shown" in said
    assert said.count("shared") > 3
    told = json.loads(run("errors", poor, "--json", "--probability").stdout)
    assert (len(told["items"]), {*told["items"][0]}) == (
        8, {"id", "example", "occurred_at", "text", "truth", "answer", "probability"},
    )  # fmt: skip
    item = told["items"][0]
    assert json.loads(run("find", "--id", item["example"], "--json").stdout)["items"][0]["text"] == item["text"]
    assert "nothing is of no testing example" in run("errors", poor, "--id", "nothing").stderr
    change_examples(connections, "deleted", 60)
    assert "8 of 8 are gone: deleted or corrected since." in run("errors", poor).stdout
