"""A run goes on through everything that can be killed, stopped or cut, and ends as if nothing had been."""

import time
from collections.abc import Callable

import pytest

from chaos.conftest import DEFINITIONS, SHORT, Diary, make_plan
from chaos.outcome import (
    assert_each_is_announced,
    assert_each_is_stored_once,
    assert_nothing_is_left,
    count_processes,
    wait_for_end,
)
from scaled.cluster import Cluster

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3000)]

CUT_SECONDS = 30


def kill(name: str) -> tuple[str, Callable[[Cluster], None]]:
    """Kill every process of a container; its restart policy brings it back."""
    return f"kill -9 {name}", lambda cluster: cluster.containers[name].kill()


def stop_broker(cluster: Cluster) -> None:
    """Stop RabbitMQ in order, and start it."""
    cluster.rabbitmq.stop()
    cluster.rabbitmq.start()


def kill_broker(cluster: Cluster) -> None:
    """Kill RabbitMQ, and start it."""
    cluster.rabbitmq.kill()
    cluster.rabbitmq.start()


def restart_postgres(cluster: Cluster) -> None:
    """Stop PostgreSQL, whoever is connected, and start it."""
    cluster.postgres.stop()
    cluster.postgres.start()


def cut_network(cluster: Cluster) -> None:
    """Let nothing through to the broker for a while, with every connection left open."""
    cluster.proxy.cut()
    time.sleep(CUT_SECONDS)
    cluster.proxy.mend()


BROKER_STOPPED = ("stop and start RabbitMQ", stop_broker)
BROKER_KILLED = ("kill -9 RabbitMQ and start it", kill_broker)
POSTGRES = ("restart PostgreSQL", restart_postgres)
NETWORK = (f"cut the network to the broker for {CUT_SECONDS} s", cut_network)

FAULTS = (
    [kill("worker-1"), NETWORK, BROKER_KILLED, POSTGRES, kill("execution-api"), BROKER_STOPPED, kill("scheduler")]
    if SHORT
    else [
        kill("worker-1"),
        NETWORK,
        kill("worker-2"),
        BROKER_STOPPED,
        kill("worker-1"),
        POSTGRES,
        kill("worker-2"),
        kill("execution-api"),
        BROKER_KILLED,
        kill("api-server"),
        kill("worker-1"),
        kill("scheduler"),
    ]
)


def test_nothing_is_lost_whatever_breaks(cluster: Cluster, diary: Diary) -> None:
    idle = count_processes(cluster)
    run_id = cluster.airflow.trigger(make_plan(DEFINITIONS))
    diary.note(f"run {run_id} of {DEFINITIONS} definitions on {len(cluster.containers_of('worker'))} workers")
    step = DEFINITIONS // (len(FAULTS) + 1)

    trained = 0
    for number, (name, fault) in enumerate(FAULTS, 1):
        # the work goes on after the last fault, before there is another
        trained = diary.wait_for_trained(run_id, max(number * step, trained + 3))
        diary.note(f"{name}, with {trained} trained")
        fault(cluster)
        # what is away keeps the work from going on: no machine is so fast that it ends meanwhile
        assert diary.count_trained(run_id) < DEFINITIONS, "the fault came too late to be one"

    assert wait_for_end(cluster, diary, run_id) == "success"
    assert_each_is_stored_once(diary, run_id, DEFINITIONS)
    assert_each_is_announced(cluster, diary, run_id)
    assert_nothing_is_left(cluster, diary, idle)
