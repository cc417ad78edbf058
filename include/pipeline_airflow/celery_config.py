"""Settings of Celery and its broker so that no definition is lost between the scheduler and a worker.

This is the only place for them, named by `[celery] celery_config_options`; `deploy/rabbitmq.conf` is the broker's part.
Everything else is Airflow's own default: JSON only, late acknowledgement, results in Airflow's database.
"""

from typing import Any

from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG
from kombu import Exchange, Queue

QUEUES = ("default", "training")
DAY_SECONDS = 24 * 60 * 60
"""The longest training. RabbitMQ's `consumer_timeout` has the same value; change both."""

# Replicated if there are several brokers, and on disk before the publisher gets a confirmation. By default, RabbitMQ 4
# drops a message at its 21st delivery: if a definition killed many workers, Airflow should decide what happens to it.
_QUORUM = {"x-queue-type": "quorum", "x-delivery-limit": 1000}

SURVIVE_THE_BROKER: dict[str, Any] = {
    "task_queues": [Queue(name, Exchange(name), routing_key=name, queue_arguments=_QUORUM) for name in QUEUES],
    # for queues of your own, too
    "task_create_missing_queue_type": "quorum",
    # Quorum queues do not support a limit for a whole channel, which Celery would request.
    "worker_detect_quorum_queues": True,
    # Celery then creates 28 queues for delayed messages. Airflow sends none, so these queues should cost little.
    "broker_native_delayed_delivery_queue_type": "classic",
    "task_default_delivery_mode": "persistent",
    # The queue for requests to a worker, such as pings. RabbitMQ 4.3 refuses one that is neither durable nor exclusive.
    "control_queue_durable": True,
    "event_queue_durable": True,
    # A worker does not acknowledge a definition before it ends: if the worker is killed, the broker delivers it again.
    "task_acks_late": True,
    # A worker takes only what it can begin now. If it took one more, that definition would wait behind a long training
    # while other workers are idle.
    "worker_prefetch_multiplier": 1,
    # The scheduler's message counts as sent when the broker has confirmed it; until then, sending is retried. The limit
    # of this is `[celery] operation_timeout`, after which the scheduler continues with its other work first.
    "task_publish_retry": True,
    "task_publish_retry_policy": {"max_retries": None, "interval_start": 0, "interval_step": 0.2, "interval_max": 1},
    # A worker that loses its broker reconnects, however long that takes, and finishes its work in the meantime.
    "broker_connection_retry": True,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_channel_error_retry": True,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    # A connection that breaks silently is noticed.
    "broker_heartbeat": 20,
    "broker_connection_timeout": 4,
}

SURVIVE_THE_DATABASE: dict[str, Any] = {
    # Connections from before a restart of PostgreSQL are not used.
    "database_engine_options": DEFAULT_CELERY_CONFIG["database_engine_options"] | {"pool_pre_ping": True},
    "result_backend_always_retry": True,
    "result_backend_max_retries": 60,
}


def _transport_options(broker_url: str) -> dict[str, Any]:
    options = dict(DEFAULT_CELERY_CONFIG["broker_transport_options"])
    if broker_url.startswith("amqp"):
        return options | {"confirm_publish": True}
    # Redis delivers a message again if it is not acknowledged for this long. If this were shorter than a training, the
    # training would run twice.
    return options | {"visibility_timeout": DAY_SECONDS}


CELERY_CONFIG: dict[str, Any] = {
    **DEFAULT_CELERY_CONFIG,
    **SURVIVE_THE_BROKER,
    **SURVIVE_THE_DATABASE,
    "broker_transport_options": _transport_options(DEFAULT_CELERY_CONFIG["broker_url"]),
}
