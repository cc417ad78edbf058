"""A search keeps the same models whatever is killed on the way."""

import pytest

from chaos.conftest import DEFINITIONS, Diary, make_plan
from chaos.outcome import assert_each_is_announced, assert_nothing_is_left, count_processes, wait_for_end
from chaos.test_faults import kill, kill_broker, restart_postgres
from pipeline.search.rungs import list_rungs
from pipeline.search.settings import Search
from pipeline.stores.models.ledger import FINAL_STATES, Ledger
from scaled.cluster import Cluster

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3000)]

FAULTS = [
    kill("worker-1"),
    kill("worker-2"),
    ("kill -9 RabbitMQ and start it", kill_broker),
    ("restart PostgreSQL", restart_postgres),
]


def test_a_search_stops_the_same_whatever_breaks(cluster: Cluster, diary: Diary) -> None:
    idle = count_processes(cluster)
    plan = make_plan(DEFINITIONS, search={"method": "halving"})
    # labels of their own, and trainings that take so long that something can break meanwhile
    plan["dataset"]["options"]["training_ratio"] = [0.55]
    plan["model"] = {"name": "scikit_model_random_forest", "options": {"n_estimators": [200], "max_depth": [3]}}
    undisturbed = cluster.airflow.trigger(plan)
    assert wait_for_end(cluster, diary, undisturbed) == "success"

    broken = cluster.airflow.trigger(plan)
    diary.note(f"run {broken} of {DEFINITIONS} definitions with a search")
    rungs = list_rungs(DEFINITIONS, Search())
    trials = sum(rung.entrants for rung in rungs)
    for number, (name, fault) in enumerate(FAULTS, 1):
        tried = diary.wait_for_trials(broken, number * trials // (len(FAULTS) + 2))
        diary.note(f"{name}, after {tried} of {trials} trials")
        fault(cluster)

    assert wait_for_end(cluster, diary, broken) == "success"
    assert_each_is_announced(cluster, diary, undisturbed, broken)
    ledger = Ledger(diary.models_db)
    first, second = (
        {row["label"]: (row["state"], row["error"]) for row in ledger.list_definitions(run_id)}
        for run_id in (undisturbed, broken)
    )
    assert first == second
    run = ledger.get_run(broken)
    assert (run["trained"], run["stopped"]) == (rungs[-1].places, DEFINITIONS - rungs[-1].places)
    assert sum(run[state] for state in FINAL_STATES) == run["permutations"] == DEFINITIONS
    assert_nothing_is_left(cluster, diary, idle)
    diary.note(f"both runs trained the same {run['trained']} definitions and stopped the same {run['stopped']}")
