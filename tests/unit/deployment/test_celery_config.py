"""What Celery is told, as Celery understands it: each broker's own way of not losing a definition."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from celery.app.defaults import NAMESPACES, flatten

from pipeline.deployment.airflow_settings import read_tuning
from pipeline_airflow.celery_config import DAY_SECONDS, SURVIVE_THE_BROKER, SURVIVE_THE_DATABASE

RABBITMQ_CONF = Path(__file__).parents[3] / "deploy/rabbitmq.conf"


def read_config(broker: str, tmp_path: Path) -> dict[str, Any]:
    """Return the configuration of the Celery application that Airflow makes for a broker."""
    code = (
        "import json; from airflow.providers.celery.executors.celery_executor_utils import app; c = app.conf;"
        "print(json.dumps({'transport': c.broker_transport_options, 'late': c.task_acks_late,"
        "'prefetch': c.worker_prefetch_multiplier, 'mode': c.task_default_delivery_mode,"
        "'queues': {n: app.amqp.queues[n].queue_arguments for n in ('default', 'training', 'other')}}))"
    )
    environ = read_tuning() | {
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__RESULT_BACKEND": "db+postgresql+psycopg://nobody@127.0.0.1:1/none",
        "AIRFLOW_HOME": str(tmp_path),
        "HOME": str(tmp_path),
        "PATH": "",
    }
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return read


def test_on_rabbitmq_messages_are_confirmed_on_durable_quorum_queues(tmp_path: Path) -> None:
    read = read_config("amqp://nobody@127.0.0.1:1//", tmp_path)

    assert read["transport"] == {"confirm_publish": True}
    assert {name: arguments["x-queue-type"] for name, arguments in read["queues"].items()} == dict.fromkeys(
        ("default", "training", "other"), "quorum"
    )
    assert read["queues"]["training"]["x-delivery-limit"] == read["queues"]["default"]["x-delivery-limit"] == 1000
    assert (read["mode"], read["late"], read["prefetch"]) == ("persistent", True, 1)


def test_on_redis_a_training_is_not_handed_on_before_a_day(tmp_path: Path) -> None:
    assert read_config("redis://127.0.0.1:1/0", tmp_path)["transport"] == {"visibility_timeout": DAY_SECONDS}


@pytest.mark.parametrize("name", sorted(SURVIVE_THE_BROKER | SURVIVE_THE_DATABASE))
def test_celery_knows_every_setting(name: str) -> None:
    assert name in dict(flatten(NAMESPACES))


def test_rabbitmq_waits_for_a_training_as_long() -> None:
    assert f"consumer_timeout = {DAY_SECONDS * 1000}\n" in RABBITMQ_CONF.read_text()
