"""`pipeline runs cancel` and `resume` on a real ledger, where Airflow answers what a deployment seldom does."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain
from typing import Any

import pytest

from commands import run_pipeline
from factories import make_definition, make_expansion, make_trained_model
from integration.airflow_stand_in import AirflowStandIn, stand_in
from integration.january import load_january
from pipeline.airflow_client.api import AirflowApi
from pipeline.airflow_client.runs import CHUNK, PAGE, AirflowRun
from pipeline.errors import DeploymentError
from pipeline.examples.keyring import KeyRing
from pipeline.runs import cancel
from pipeline.runs.connections import Connections
from pipeline.stores.database import Database
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore

DEFINITIONS = [make_definition(sequence_length=length) for length in (1, 2, 3)]
LABELS = [definition.label for definition in DEFINITIONS]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def serve() -> Iterator[Callable[..., AirflowStandIn]]:
    """Return a function that serves a stand-in for Airflow until the test ends."""
    with ExitStack() as stack:
        yield lambda **answers: stack.enter_context(stand_in(AirflowStandIn(**answers)))


@pytest.fixture
def ledger(models_db: Database) -> Ledger:
    """A ledger with a run of three definitions: one trained, one failed, one being trained."""
    ledger = Ledger(models_db)
    ledger.open_run("run-1", {}, make_expansion(*DEFINITIONS))
    ModelsStore(models_db).save(make_trained_model(DEFINITIONS[0]))
    ledger.record_error("run-1", LABELS[1], "one class only", final=True)
    ledger.begin_training("run-1", LABELS[2])
    return ledger


@pytest.fixture
def run(ledger: Ledger, models_url: str, postgres_url: str) -> Run:  # noqa: ARG001 - the run to end and resume
    """Return a function that runs `pipeline runs …` with a stand-in for Airflow."""
    connections = {
        "AIRFLOW_CONN_MODELS_DB": models_url,
        "AIRFLOW_CONN_EXAMPLES_DB": models_url,
        "AIRFLOW_CONN_NOTIFICATIONS": postgres_url,
    }
    return lambda airflow, *arguments: run_pipeline(connections | airflow.environ, "runs", *arguments)


def connect(ledger: Ledger) -> Connections:
    return Connections(ledger.database, ledger.database, "postgresql://nobody@127.0.0.1:1/none")


def states(ledger: Ledger) -> list[str]:
    return [row["state"] for row in ledger.list_definitions("run-1")]


def cleared(airflow: AirflowStandIn) -> list[Any]:
    """Return what was cleared, call by call, and check that every call clears for good."""
    bodies = [body for what, body in airflow.changes if what == "POST clearTaskInstances"]
    assert all((body["dry_run"], body["only_failed"]) == (False, False) for body in bodies)
    assert [body["reset_dag_runs"] for body in bodies] == [False] * (len(bodies) - 1) + [True]
    return [body["task_ids"] for body in bodies]


def test_exactly_what_has_no_model_is_cleared_and_what_has_one_is_marked_before_the_run_goes_on(
    serve: Callable[..., AirflowStandIn], run: Run, ledger: Ledger
) -> None:
    airflow = serve(labels=LABELS, trainings=dict.fromkeys(range(3), "failed"))

    done = run(airflow, "resume", "run-1", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["definitions"] == 2
    assert cleared(airflow) == [["notify", "finish"], [["train", 1], ["train", 2]], ["notify", "finish"]]
    assert airflow.changes[1] == ("PATCH train", {"new_state": "success"})
    assert states(ledger) == ["trained", "planned", "planned"]
    assert ledger.list_open_runs() == ["run-1"]


@pytest.mark.parametrize(
    ("labels", "trainings", "expected"),
    [
        (None, {-1: "upstream_failed"}, [["expand_plan", "train", "notify", "finish"]]),
        (LABELS, {-1: "skipped"}, [["train"], ["notify", "finish"]]),
    ],
    ids=["not planned", "not expanded"],
)
def test_what_was_never_mapped_is_cleared_whole(
    serve: Callable[..., AirflowStandIn],
    run: Run,
    labels: list[str] | None,
    trainings: dict[int, str],
    expected: list[Any],
) -> None:
    airflow = serve(labels=labels, trainings=trainings)

    done = run(airflow, "resume", "run-1")

    assert done.returncode == 0, done.stderr
    assert "Training 2 definitions of run run-1" in done.stdout
    assert cleared(airflow) == expected


def test_a_closed_run_whose_models_are_still_being_announced_can_be_resumed(
    serve: Callable[..., AirflowStandIn], run: Run, ledger: Ledger
) -> None:
    airflow = serve(state="running", labels=LABELS, trainings={0: "success", 1: "failed", 2: "failed"})

    assert (
        "it is still running (3 permutations: 1 trained, 1 failed, 1 training)"
        in run(airflow, "resume", "run-1").stderr
    )
    ledger.close_run("run-1", cancelled=True)
    assert run(airflow, "resume", "run-1").returncode == 0
    assert states(ledger) == ["trained", "planned", "planned"]


def test_nothing_is_marked_where_airflow_has_it_right(serve: Callable[..., AirflowStandIn], run: Run) -> None:
    airflow = serve(labels=LABELS, trainings={0: "success", 1: "failed", 2: "failed"})

    assert run(airflow, "resume", "run-1").returncode == 0
    assert cleared(airflow) == [[["train", 1], ["train", 2]], ["notify", "finish"]]
    assert len(airflow.changes) == 2


@pytest.mark.parametrize("loaded", [False, True], ids=["the same examples", "others"])
def test_whoever_resumes_a_run_hears_that_its_examples_have_changed(
    serve: Callable[..., AirflowStandIn],
    ledger: Ledger,
    models_url: str,
    examples_url: str,
    postgres_url: str,
    loaded: bool,
) -> None:
    examples_db = Database.from_url("examples_db", examples_url)
    keyring = KeyRing.generate()
    load_january(examples_db, keyring)
    dataset = DEFINITIONS[0].dataset
    digests = {dataset.canonical: ExamplesSurvey(examples_db).digest([dataset])[0]}
    ledger.open_run("run-2", {}, make_expansion(*DEFINITIONS, examples=digests))
    ledger.close_run("run-2", cancelled=True)
    load_january(examples_db, keyring, count=60 if loaded else 40)
    airflow = serve(labels=LABELS, trainings=dict.fromkeys(range(3), "failed"))
    connections = {
        "AIRFLOW_CONN_MODELS_DB": models_url,
        "AIRFLOW_CONN_EXAMPLES_DB": examples_url,
        "AIRFLOW_CONN_NOTIFICATIONS": postgres_url,
    }

    done = run_pipeline(connections | airflow.environ, "runs", "resume", "run-2")

    assert done.returncode == 0, done.stderr
    assert ("3 definitions of this run will select other examples than at its start" in done.stdout) == loaded


def test_an_airflow_that_fails_in_the_middle_leaves_the_run_closed_and_resumable(
    serve: Callable[..., AirflowStandIn], run: Run, ledger: Ledger
) -> None:
    answers = {"labels": LABELS, "trainings": dict.fromkeys(range(3), "failed")}

    broken = run(serve(**answers, deaf_after=1), "resume", "run-1")

    assert broken.returncode == 1
    assert "Airflow answered 500: out of order" in broken.stderr
    assert states(ledger) == ["trained", "cancelled", "cancelled"]
    assert ledger.list_definitions("run-1")[1]["error"] == "one class only"
    assert run(serve(**answers), "resume", "run-1").returncode == 0
    assert states(ledger) == ["trained", "planned", "planned"]


@pytest.mark.parametrize("state", ["success", "failed", None])
def test_cancelling_a_run_that_ended_unseen_closes_it_and_announces_what_is_stored(
    serve: Callable[..., AirflowStandIn], run: Run, ledger: Ledger, state: str | None
) -> None:
    airflow = serve(state=state)

    done = run(airflow, "cancel", "run-1")
    again = run(airflow, "cancel", "run-1", "--json")

    assert (done.returncode, again.returncode) == (0, 0), done.stderr
    assert "run run-1 closed in the ledger; 3 permutations: 1 trained, 1 failed, 1 cancelled" in done.stdout
    assert ledger.is_settled("run-1")
    told = json.loads(again.stdout)
    assert (told["airflow_state"], told["cancelled"]) == (state, 1)
    assert airflow.changes == []


def test_a_run_that_does_not_end_in_time_is_named_with_what_to_look_at(
    serve: Callable[..., AirflowStandIn], ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancel, "WAIT_SECONDS", 0)
    airflow = serve(state="running")
    stuck = AirflowRun(AirflowApi(airflow.url, "admin", "secret"), "run-1")

    with pytest.raises(DeploymentError, match=r"run-1: Airflow has not ended it in 0 seconds; see `pipeline status`"):
        cancel.cancel(stuck, connect(ledger))


def test_a_run_that_is_closed_and_still_announces_is_not_waited_for(
    serve: Callable[..., AirflowStandIn], ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancel, "WAIT_SECONDS", 0)
    airflow = serve(state="running")
    ledger.close_run("run-1", cancelled=True)

    closed = AirflowRun(AirflowApi(airflow.url, "admin", "secret"), "run-1")

    assert cancel.cancel(closed, connect(ledger)) == "running"


def test_an_airflow_that_does_not_answer_is_named_and_the_ledger_stays_as_it_is(run: Run, ledger: Ledger) -> None:
    nobody = AirflowStandIn()
    nobody.url = "http://127.0.0.1:1"

    for command in ("cancel", "resume"):
        done = run(nobody, command, "run-1")

        assert done.returncode == 1
        assert "http://127.0.0.1:1: Airflow does not answer (ConnectError); see `pipeline status`" in done.stderr
    assert states(ledger) == ["trained", "failed", "training"]


def test_thousands_of_instances_are_read_in_pages_and_changed_in_chunks(
    serve: Callable[..., AirflowStandIn],
) -> None:
    count = 2 * CHUNK + PAGE // 2
    airflow = serve(trainings=dict.fromkeys(range(count), "skipped"))
    big = AirflowRun(AirflowApi(airflow.url, "admin", "secret"), "run-1")

    found = big.list_untrained()
    big.clear_training(found)
    big.start_again()

    assert found == [*range(count)]
    *chunks, last = cleared(airflow)
    assert [len(chunk) for chunk in chunks] == [CHUNK, CHUNK, PAGE // 2]
    assert [*chain.from_iterable(chunks)] == [["train", index] for index in range(count)]
    assert last == ["notify", "finish"]
