"""What chooses the best model: the same scores as scikit-learn on the same folds, and never the testing set."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from structlog.testing import capture_logs

from factories import make_definition, make_expansion
from pipeline.environment import ExamplesKeys, Prepared
from pipeline.errors import TrainingError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.example import ExampleSet
from pipeline.examples.keyring import KeyRing
from pipeline.examples.rows import IncomingRow
from pipeline.models.scikit_model_logistic_regression import ScikitModelLogisticRegression
from pipeline.plans import Definition
from pipeline.plans.metric import ACCURACY, Metric, parse_metric
from pipeline.runs.connections import Connections
from pipeline.runs.train import train_recipe
from pipeline.stores.database import Database
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.models.leaderboard import Filter, Leaderboard
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore, TrainedModel
from pipeline.training.lineage import TaskRun

CLASSES = ("fruit", "metal", "cloth")


@pytest.fixture
def connections(examples_db: Database, models_db: Database, postgres_url: str, tmp_path: Any) -> Connections:
    """A deployment with 240 examples of three classes that share most of their words."""
    keyring = KeyRing.generate()
    draw = random.Random(4)  # noqa: S311
    rows = []
    for number in range(240):
        kind = CLASSES[draw.choice([0, 0, 0, 1, 1, 2])]
        words = [f"word{draw.randrange(40)}" for _ in range(12)]
        words += [f"{kind}{draw.randrange(6)}" for _ in range(draw.randrange(3))]
        moment = datetime(2016, 1, 1, tzinfo=UTC) + timedelta(hours=number)
        rows.append(IncomingRow(number, str(number), moment, kind, " ".join(words)))
    ExamplesStore(examples_db, keyring).load("default", iter(rows), BrokenRows("test"))
    keys = ExamplesKeys(inline=keyring.to_text())
    return Connections(examples_db, models_db, postgres_url, keys, Prepared(store=f"file://{tmp_path / 'store'}"))


def make_recipe(model: str = "scikit_model_logistic_regression", **options: Any) -> Definition:
    written = make_definition().to_dict()
    written["dataset"]["options"] |= options
    written["adapter"] = {"name": "TfidfAdapter", "options": {}}
    return Definition.from_dict(written | {"model": {"name": model, "options": {}}})


def train(recipe: Definition, connections: Connections, metric: Metric = ACCURACY) -> TrainedModel:
    return train_recipe(recipe, 0, TaskRun("run-1"), connections, metric=metric)


def find(tree: Any, metric: str) -> float:
    for name in parse_metric(metric).path:
        tree = tree[name]
    return float(tree)


def fetch_training_set(recipe: Definition, connections: Connections) -> tuple[ExampleSet, Any]:
    split = recipe.dataset.split(ExamplesStore(connections.examples_db, connections.keyring))
    return split.training, split.folds


@pytest.mark.parametrize("split", ["time", "random"])
def test_folds_have_the_means_of_grid_search_on_the_same_folds(connections: Connections, split: str) -> None:
    recipe = make_recipe(split=split, folds=4)
    training, folds = fetch_training_set(recipe, connections)
    # the same tokens and weights as `TfidfAdapter`
    peer = make_pipeline(TfidfVectorizer(max_features=10_000), LogisticRegression(max_iter=1_000))
    search = GridSearchCV(
        peer,
        {"logisticregression__C": [1.0]},
        cv=[*folds],
        scoring=["accuracy", "f1_macro", "balanced_accuracy", "neg_log_loss"],
        refit=False,
    )
    search.fit([*training.texts], [*training.classifications])

    found = train(recipe, connections, parse_metric("log_loss")).scores["validation"]

    theirs = search.cv_results_
    for ours, name in (("accuracy", "accuracy"), ("macro_f1", "f1_macro"), ("balanced_accuracy", "balanced_accuracy")):
        assert found["mean"][ours] == pytest.approx(theirs[f"mean_test_{name}"][0], abs=1e-4)
        assert found["deviation"][ours] == pytest.approx(theirs[f"std_test_{name}"][0], abs=1e-4)
    assert found["mean"]["log_loss"] == pytest.approx(-theirs["mean_test_neg_log_loss"][0], rel=1e-3)
    assert len(found["folds"]) == 4


def test_the_model_that_is_kept_is_trained_on_the_whole_training_set(connections: Connections) -> None:
    plain, folded = train(make_recipe(), connections), train(make_recipe(folds=3), connections)

    assert folded.document.rest == plain.document.rest
    assert {name: value for name, value in folded.scores.items() if name != "validation"} == plain.scores
    assert folded.answers == plain.answers


def test_folds_share_what_is_prepared_and_are_in_the_log(connections: Connections) -> None:
    first = train(make_recipe(folds=3), connections)
    with capture_logs() as logs:
        second = train(make_recipe("scikit_model_linear_svm", folds=3), connections)

    assert [each["number"] for each in logs if each["event"] == "fold"] == ["1 of 3", "2 of 3", "3 of 3"]
    assert {"trained adapter", "adapted examples"} <= set(second.lineage["reused"])
    assert "cross_validate" in second.step_seconds
    assert first.scores["validation"]["count"] == second.scores["validation"]["count"]


def test_a_validation_set_neither_trains_nor_tests(connections: Connections) -> None:
    plain, held = train(make_recipe(), connections), train(make_recipe(validation_ratio=0.25), connections)

    examples = held.lineage["examples"]
    assert (examples["training"]["count"], examples["validation"]["count"]) == (144, 48)
    assert held.answers.examples == plain.answers.examples
    assert held.validation_answers is not None
    assert len(held.validation_answers.examples) == 48 * 16
    ids = {held.answers.examples[place : place + 16] for place in range(0, 48 * 16, 16)}
    assert ids.isdisjoint(held.validation_answers.examples[place : place + 16] for place in range(0, 48 * 16, 16))
    assert "deviation" not in held.scores["validation"]


def test_curves_are_of_the_testing_set(connections: Connections) -> None:
    held = train(make_recipe(validation_ratio=0.25), connections)

    assert held.curves is not None
    bins, count = held.curves["reliability"], held.scores["testing_count"]
    assert sum(each["count"] for each in bins) == count == 48
    right = sum(each["count"] * each["accuracy"] for each in bins)
    assert right / count == pytest.approx(held.scores["accuracy"], abs=1e-3)
    assert [*held.curves["precision_recall"]] == sorted(CLASSES)
    assert train(make_recipe("scikit_model_svm"), connections).curves is None


def test_a_metric_of_a_class_that_no_example_has_is_refused(connections: Connections) -> None:
    with pytest.raises(TrainingError, match=r"none of the 48 examples that choose .* is of class 'glass'"):
        train(make_recipe(), connections, parse_metric("recall:glass"))


def test_log_loss_is_scikit_learns(connections: Connections) -> None:
    recipe = make_recipe()
    model = train(recipe, connections, parse_metric("log_loss"))

    assert model.scores["log_loss"] == pytest.approx(-np.frombuffer(model.answers.shares or b"", "<f4").sum(), rel=1e-6)
    assert 0 < model.scores["log_loss"] < log_loss([0, 1, 2], np.full((3, 3), 1 / 3)) * 2
    assert "log_loss" not in train(make_recipe(), connections).scores


@pytest.mark.parametrize("metric", ["accuracy", "log_loss", "recall:metal"])
def test_the_leaderboard_ranks_by_what_chooses_and_by_the_metric_of_the_run(
    connections: Connections, metric: str
) -> None:
    recipes = [make_recipe(name, folds=3) for name in ("scikit_model_logistic_regression", "scikit_model_majority")]
    expansion = make_expansion(*recipes)
    settings = expansion.settings.model_copy(update={"metric": metric})
    Ledger(connections.models_db).open_run("run-1", {}, replace(expansion, settings=settings))
    trained = {recipe.label: train(recipe, connections, parse_metric(metric)) for recipe in recipes}
    for each in trained.values():
        ModelsStore(connections.models_db).save(each)

    board, wanted = Leaderboard(connections.models_db), Filter(["run-1"])
    rows = board.list_definitions(wanted, metric=board.find_metric(wanted))

    for row in rows:
        mean, deviation = (
            find(trained[row["label"]].scores["validation"][each], metric) for each in ("mean", "deviation")
        )
        assert row["score"] == pytest.approx(mean)
        assert row["deviation"] == pytest.approx(deviation)
        assert row["compared"] == 2
        assert row["validation_set"]["folds"] == 3
    assert [row["label"] for row in rows] == [recipe.label for recipe in recipes]
    assert {row["best_model_id"] for row in rows} == {rows[0]["model_id"]}
    ledger = Ledger(connections.models_db).list_definitions("run-1")
    assert {row["label"]: row["score"] for row in ledger} == {row["label"]: row["score"] for row in rows}


def test_a_fold_that_cannot_be_trained_says_which_it_is(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit, fitted = ScikitModelLogisticRegression.fit, []

    def refuse_the_second(self: Any, *arguments: Any) -> Any:
        fitted.append(self)
        if len(fitted) == 2:
            raise TrainingError("model", "cannot learn")
        return fit(self, *arguments)

    monkeypatch.setattr(ScikitModelLogisticRegression, "fit", refuse_the_second)

    with pytest.raises(TrainingError, match=r"^model: in fold 2 of 4: cannot learn"):
        train(make_recipe(folds=4), connections)
