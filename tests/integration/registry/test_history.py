"""The models of one recipe through time: in the store, by REST and as a command."""

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from factories import make_definition
from integration.registry.client import Client, open_run, save
from pipeline.cli import model_history
from pipeline.plans import Definition
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.history import list_history
from pipeline.stores.models.store import ModelsStore


def make_month(month: int, *, kernel: str = "linear", **options: Any) -> Definition:
    """Return the same recipe on a month of 2016; options of the dataset make it another one."""
    written = make_definition(kernel=kernel).to_dict()
    span = {"start_datetime_str": f"2016-{month}-1", "end_datetime_str": f"2016-{month + 1}-1"}
    written["dataset"] = {"name": "SpanDataset", "options": written["dataset"]["options"] | span | options}
    return Definition.from_dict(written)


def store(database: Database, definition: Definition, run_id: str, month: int, **scores: Any) -> None:
    open_run(database, definition, run_id=run_id)
    sets = {
        name: {
            "count": count,
            "first": f"2016-0{month}-{first}T00:00:00+00:00",
            "last": f"2016-0{month}-{last}T00:00:00+00:00",
        }
        for name, count, first, last in (("training", 80, "01", "20"), ("testing", 20, "21", "28"))
    }
    save(database, definition, run_id, lineage={"seed": 0, "examples": sets}, **scores)


@pytest.fixture
def months(models_db: Database) -> list[str]:
    """The labels of a recipe in May, June and July, stored in another order, among models of other recipes."""
    for month, accuracy in ((6, 0.8), (5, 0.9), (7, 0.7)):
        store(models_db, make_month(month), f"run-{month}", month, accuracy=accuracy)
    store(models_db, make_month(6, kernel="rbf"), "run-rbf", 6)
    store(models_db, make_month(6, collection="other"), "run-other", 6)
    store(models_db, make_month(6, training_ratio=0.5), "run-ratio", 6)
    AliasesStore(models_db).move("champion", make_month(6).label, "ann", "the best")
    return [make_month(month).label for month in (5, 6, 7)]


def test_the_models_of_a_recipe_are_listed_by_their_spans(client: Client, months: list[str]) -> None:
    for reference in ("@champion", *months):
        page = client.get(f"/models/{reference}/history")
        assert [each["label"] for each in page["items"]] == months
    assert [each["accuracy"] for each in page["items"]] == [0.9, 0.8, 0.7]
    assert [each["aliases"] for each in page["items"]] == [[], ["champion"], []]
    assert page["items"][0]["training"] == {
        "count": 80,
        "first": "2016-05-01T00:00:00Z",
        "last": "2016-05-20T00:00:00Z",
    }
    assert "definition" not in page["items"][0]
    assert client.get(f"/models/{months[0]}/history", limit=1, offset=1) == page | {
        "items": page["items"][1:2], "limit": 1, "offset": 1,
    }  # fmt: skip


def test_versions_of_a_label_are_models_of_their_own(client: Client, models_db: Database, months: list[str]) -> None:
    store(models_db, make_month(6), "run-again", 6, accuracy=0.85)

    items = client.get(f"/models/{months[1]}/history")["items"]

    assert [(each["label"], each["version"]) for each in items] == [
        (months[0], 1), (months[1], 1), (months[1], 2), (months[2], 1),
    ]  # fmt: skip


def test_a_definition_from_before_an_option_was_added_is_the_same_recipe(
    models_db: Database, months: list[str]
) -> None:
    strip = "UPDATE models SET definition = definition #- '{dataset,options,folds}' #- '{model,options,calibration}'"
    with models_db.connection() as connection:
        connection.execute(f"{strip} WHERE label = %s", (months[0],))
    folded = make_month(6, folds=3)
    store(models_db, folded, "run-folds", 6)
    definition = ModelsStore(models_db).get_model

    for label in months:
        assert [each["label"] for each in list_history(models_db, definition(label)["definition"])] == months
    assert [each["label"] for each in list_history(models_db, folded.to_dict())] == [folded.label]


def test_a_recipe_of_a_class_that_is_not_installed_is_compared_as_it_is_written(
    models_db: Database, months: list[str]
) -> None:
    with models_db.connection() as connection:
        connection.execute("UPDATE models SET definition = jsonb_set(definition, '{model,name}', '\"gone\"')")
    definition = ModelsStore(models_db).get_model(months[0])["definition"]

    assert [each["label"] for each in list_history(models_db, definition)] == months


def test_models_of_early_versions_have_no_spans(client: Client, models_db: Database) -> None:
    definition = make_month(5)
    open_run(models_db, definition)
    save(models_db, definition)

    (only,) = client.get(f"/models/{definition.label}/history")["items"]

    assert (only["training"], only["testing"]) == (None, None)


def test_an_unknown_model_has_no_history(client: Client) -> None:
    assert client.refuse("GET", "/models/nothing/history")[0] == 404


def test_the_command_lists_them(models_db: Database, months: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_history, "models_store", lambda: ModelsStore(models_db))
    monkeypatch.setattr(model_history, "resolve", AliasesStore(models_db).resolve)
    monkeypatch.setattr(model_history, "connections", lambda: type("Known", (), {"models_db": models_db}))
    app = typer.Typer()
    app.command()(model_history.show_history)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, arguments, env={"COLUMNS": "250"})
        assert done.exit_code == 0, done.output
        return done.stdout

    said = run("@champion")
    rows = [line for line in said.splitlines() if line.startswith("word-frequency")]
    assert [line.split()[0] for line in rows] == months
    assert f"3 models of the recipe of {months[1]}@1" in said
    assert [each["label"] for each in json.loads(run(months[2], "--json"))] == months
