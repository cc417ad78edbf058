"""What the pictures of a run are drawn from."""

import json
from functools import partial
from typing import Any

import pytest

from factories import make_answers, make_definition
from integration.registry.client import LABELS, Client, open_run, save
from pipeline.plans import Definition
from pipeline.plans.settings import Settings
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.trials import Trial, Trials

COSTS = {(1, "linear"): (0.9, 0.5), (1, "rbf"): (0.8, 0.4), (2, "linear"): (0.9, 2.0), (2, "rbf"): (0.7, 0.2)}
"""Accuracy and training seconds by options."""


def make_run(database: Database) -> dict[tuple[int, str], Definition]:
    """Write a run of four models and one definition that has failed."""
    definitions = {key: make_definition(sequence_length=key[0], kernel=key[1]) for key in COSTS}
    failed = make_definition(sequence_length=3)
    open_run(database, *definitions.values(), failed)
    for key, (accuracy, seconds) in COSTS.items():
        answers = make_answers("a" * round(10 * accuracy) + "b" * round(10 - 10 * accuracy), "a" * 10)
        save(database, definitions[key], accuracy=accuracy, step_seconds={"fit_model": seconds}, answers=answers)
    Ledger(database).record_error("run-1", failed.label, "no words", final=True)
    return definitions


def choose(trial: Trial, _: object) -> Trial:
    """Choose a trial whatever has been tried."""
    return trial


def test_models_come_best_first_with_costs_options_and_the_front(client: Client, models_db: Database) -> None:
    definitions = make_run(models_db)

    found = client.get("/runs/run-1/trainings")

    *models, failed = found["definitions"]
    labels = {definition.label: key for key, definition in definitions.items()}
    assert [labels[each["label"]] for each in models][2:] == [(1, "rbf"), (2, "rbf")]
    assert [each["score"] for each in models] == [0.9, 0.9, 0.8, 0.7]
    assert [(each["option"], each["values"]) for each in found["options"]] == [
        ("sequence_length", ["1", "2", "3"]),
        ("kernel", ["linear", "rbf"]),
    ]
    kernels = found["options"][1]["values"]
    assert {kernels[each["values"][1]] for each in models if labels[each["label"]][1] == "rbf"} == {"rbf"}
    front = [labels[label] for label in found["fronts"]["training_seconds"]]
    assert front == [(2, "rbf"), (1, "rbf"), (1, "linear")]
    assert (failed["state"], failed["error"], failed["model"], failed["score"]) == ("failed", "no words", None, None)
    assert models[0]["model"] == f"{models[0]['label']}@1"
    assert [each["best"] for each in models] == [True, False, False, False]
    assert models[1]["tie"] is True


def test_what_is_left_out_is_in_no_picture(client: Client, models_db: Database) -> None:
    make_run(models_db)

    found = client.get("/runs/run-1/trainings", without=["model.kernel:rbf", "adapter.sequence_length:2"])
    effects = client.get("/runs/run-1/effects", without="model.kernel:rbf")
    nothing = client.get("/runs/run-1/trainings", without="adapter.name:WordFrequencyAdapter")

    assert [(each["state"], each["score"]) for each in found["definitions"]] == [("trained", 0.9), ("failed", None)]
    assert effects["definitions"] == 2
    assert [each["option"] for each in effects["options"]] == ["sequence_length"]
    assert (nothing["definitions"], nothing["testing_set"]) == ([], None)
    assert nothing["fronts"] == {"training_seconds": [], "size_bytes": []}
    status, detail = client.refuse("GET", "/runs/run-1/trainings", params={"without": "kernel=rbf"})
    assert (status, "section.option:value" in detail) == (422, True)


@pytest.mark.parametrize("path", ["/runs/nope/trainings", "/runs/nope/timeline"])
def test_an_unknown_run_is_not_found(client: Client, path: str) -> None:
    assert client.refuse("GET", path)[0] == 404


def test_two_options_interact_if_the_best_value_of_one_depends_on_the_other(
    client: Client, models_db: Database
) -> None:
    scores = {(1, "linear"): 0.9, (1, "rbf"): 0.1, (2, "linear"): 0.1, (2, "rbf"): 0.9}
    definitions = {key: make_definition(sequence_length=key[0], kernel=key[1]) for key in scores}
    open_run(models_db, *definitions.values())
    for key, accuracy in scores.items():
        save(models_db, definitions[key], accuracy=accuracy)

    [found] = client.get("/runs/run-1/effects")["interactions"]

    assert (found["explained"], found["beyond"]) == (pytest.approx(1), pytest.approx(1))
    assert (found["first"]["option"], found["second"]["option"]) == ("sequence_length", "kernel")
    means = {(found["rows"][each["row"]], found["columns"][each["column"]]): each["mean"] for each in found["cells"]}
    assert means == {("1", "linear"): 0.9, ("1", "rbf"): 0.1, ("2", "linear"): 0.1, ("2", "rbf"): 0.9}
    assert {each["models"] for each in found["cells"]} == {1}


def test_effects_that_add_up_do_not_interact(client: Client, models_db: Database) -> None:
    scores = {(1, "linear"): 0.5, (1, "rbf"): 0.6, (2, "linear"): 0.8, (2, "rbf"): 0.9}
    definitions = {key: make_definition(sequence_length=key[0], kernel=key[1]) for key in scores}
    open_run(models_db, *definitions.values())
    for key, accuracy in scores.items():
        save(models_db, definitions[key], accuracy=accuracy)

    [found] = client.get("/runs/run-1/effects")["interactions"]

    assert found["explained"] == pytest.approx(1)
    assert found["beyond"] == pytest.approx(0, abs=1e-9)


def test_steps_are_the_trials_of_a_search(client: Client, models_db: Database) -> None:
    definitions = [make_definition(sequence_length=length) for length in (1, 2, 3, 4)]
    search = Settings.model_validate({"search": {"factor": 2, "smallest": 0.2}})
    open_run(models_db, *definitions, settings=search)
    with Trials(models_db, "run-1", LABELS[0]).hold() as holder:
        for rung, score in enumerate((0.4, 0.6)):
            trial = holder.begin(partial(choose, Trial(LABELS[0], rung)))
            assert trial
            holder.end(trial, 50, score, 0.5)
        assert holder.begin(partial(choose, Trial(LABELS[1], 0)))
    Ledger(models_db).stop("run-1", LABELS[1], "not among the best")
    save(models_db, definitions[0])

    found = client.get("/runs/run-1/trainings")
    bars = client.get("/runs/run-1/timeline")["bars"]

    steps = {each["label"]: each["steps"] for each in found["definitions"]}
    assert found["steps_of"] == "parts"
    assert steps[LABELS[0]] == [{"at": 0.25, "score": 0.4}, {"at": 0.5, "score": 0.6}]
    assert steps[LABELS[1]] == []
    left = client.get("/runs/run-1/trainings", without=["adapter.sequence_length:3", "adapter.sequence_length:4"])
    assert {each["label"]: each["steps"] for each in left["definitions"]}[LABELS[0]] == steps[LABELS[0]]
    assert [(bar["label"], bar["rung"], bar["state"]) for bar in bars][:3] == [
        (LABELS[0], 0, "trial"), (LABELS[0], 1, "trial"), (LABELS[1], 0, "trial"),
    ]  # fmt: skip
    assert {bar["host"] is not None for bar in bars} == {True}


def test_steps_are_the_scores_of_folds(client: Client, models_db: Database) -> None:
    definition = make_definition()
    open_run(models_db, definition)
    folds = [{"accuracy": score, "macro_f1": 0.1} for score in (0.7, 0.9)]
    validation: dict[str, Any] = {"count": 8, "mean": {"accuracy": 0.8}, "deviation": {"accuracy": 0.1}, "folds": folds}
    save(models_db, definition, validation=validation, validation_answers=make_answers("ab", "ab"))

    found = client.get("/runs/run-1/trainings")

    assert found["steps_of"] == "folds"
    assert found["definitions"][0]["steps"] == [{"at": 1, "score": 0.7}, {"at": 2, "score": 0.9}]
    assert found["definitions"][0]["score"] == 0.8


def test_the_timeline_tells_who_waited_for_whom(client: Client, models_db: Database) -> None:
    definitions = [make_definition(sequence_length=length) for length in (1, 2)]
    open_run(models_db, *definitions)
    shared = {
        LABELS[0]: {"what": "words", "entry": "e", "at": 0.1, "waited": 0, "made": 2.5},
        LABELS[1]: {"what": "words", "entry": "e", "at": 0.2, "waited": 2.4, "made": 0},
    }
    for definition in definitions:
        Ledger(models_db).begin_training("run-1", definition.label, host="machine-1")
    for definition in definitions:
        save(models_db, definition, lineage={"seed": 0, "shared": [shared[definition.label]]})
    Ledger(models_db).close_run("run-1")

    found = client.get("/runs/run-1/timeline")

    first, second = found["bars"]
    assert (first["lane"], second["lane"]) == (0, 1)
    assert {bar["host"] for bar in found["bars"]} == {"machine-1"}
    assert (first["waits"], second["waits"]) == (
        [],
        [{"at": 0.2, "seconds": 2.4, "what": "words", "made_by": LABELS[0]}],
    )
    assert found["ended_at"] >= second["ended_at"] >= second["began_at"] >= found["began_at"]


def test_curves_are_those_of_the_model(client: Client, models_db: Database) -> None:
    definition = make_definition()
    open_run(models_db, definition)
    curves = {
        "reliability": [{"count": 4, "confidence": 0.9, "accuracy": 0.75}],
        "calibration_error": 0.15,
        "precision_recall": {"a": {"average_precision": 0.8, "points": [[0.5, 1.0, 0.7], [1.0, 0.75, 0.2]]}},
    }
    save(models_db, definition, curves=curves)
    without = make_definition(sequence_length=9)
    open_run(models_db, without, run_id="run-2")
    save(models_db, without, "run-2")

    assert client.get(f"/models/{definition.label}/curves") == json.loads(json.dumps(curves))
    assert client.get(f"/models/{without.label}/curves") is None
    assert client.refuse("GET", "/models/nope/curves")[0] == 404
