"""What makes definitions survive on the way from the scheduler to a worker: Celery and its broker.

The one place for it, named by `[celery] celery_config_options`; `deploy/rabbitmq.conf` is the broker's half. Whatever
is not here is Airflow's own default: JSON only, late acknowledgement, results in Airflow's database.
"""

from typing import Any

from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG
from kombu import Exchange, Queue

QUEUES = ("default", "training")
DAY_SECONDS = 24 * 60 * 60
"""The longest training. RabbitMQ's `consumer_timeout` has the same value; change both."""

# Replicated where there are several brokers, and on disk before the publisher hears of it. RabbitMQ 4 throws a message
# away at its 21st delivery where nothing else is said: a definition that many workers died of is for Airflow to judge.
_QUORUM = {"x-queue-type": "quorum", "x-delivery-limit": 1000}

SURVIVE_THE_BROKER: dict[str, Any] = {
    "task_queues": [Queue(name, Exchange(name), routing_key=name, queue_arguments=_QUORUM) for name in QUEUES],
    # a queue of your own, too
    "task_create_missing_queue_type": "quorum",
    # Quorum queues know no limit for a whole channel, which Celery would ask for.
    "worker_detect_quorum_queues": True,
    # Celery then makes 28 queues for messages that are to be delivered later. Airflow sends none: let them cost little.
    "broker_native_delayed_delivery_queue_type": "classic",
    "task_default_delivery_mode": "persistent",
    # The queue by which a worker is asked how it is. RabbitMQ 4.3 refuses one that is neither durable nor exclusive.
    "control_queue_durable": True,
    "event_queue_durable": True,
    # A worker that has begun a definition has not taken it off the queue: killed, the broker hands it on.
    "task_acks_late": True,
    # A worker takes what it can begin now. One more, and a definition would wait behind a long training while
    # other workers idle.
    "worker_prefetch_multiplier": 1,
    # The scheduler's message is sent when the broker says that it has it; until then it is tried again. The end of
    # this is `[celery] operation_timeout`, after which the scheduler looks after its other work first.
    "task_publish_retry": True,
    "task_publish_retry_policy": {"max_retries": None, "interval_start": 0, "interval_step": 0.2, "interval_max": 1},
    # A worker whose broker went away comes back, however long that takes, and finishes what it has begun meanwhile.
    "broker_connection_retry": True,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_channel_error_retry": True,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    # A connection that is cut without a word is noticed.
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
    # Redis hands on what has not been acknowledged for so long: less than a training, and it would run twice.
    return options | {"visibility_timeout": DAY_SECONDS}


CELERY_CONFIG: dict[str, Any] = {
    **DEFAULT_CELERY_CONFIG,
    **SURVIVE_THE_BROKER,
    **SURVIVE_THE_DATABASE,
    "broker_transport_options": _transport_options(DEFAULT_CELERY_CONFIG["broker_url"]),
}
