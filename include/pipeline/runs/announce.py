"""Announce stored models and alias moves, and announce them again to one queue."""

from datetime import datetime
from typing import Final

from pipeline.errors import describe_error
from pipeline.log import get_logger
from pipeline.notifications.names import new_queue_name, queue_name
from pipeline.notifications.queue import open_queue
from pipeline.runs.connections import Connections
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.notifications import ModelKey, NotificationsStore

PROMPT_SECONDS: Final = 3
"""How long each step of a broker may take while a person waits for something else."""

log = get_logger(__name__)


def notify(run_id: str, connections: Connections, *, cancelled: bool = False) -> int:
    """Close a run in the ledger and announce all that is not announced, of this run or from before.

    Args:
        cancelled: whether the run was ended by hand. Definitions that have not ended are then cancelled, not failed.

    Returns:
        How many notifications were published.

    Raises:
        BrokerUnavailableError: the broker did not take them all; the rest stays unpublished for the next call.
    """
    Ledger(connections.models_db).close_run(run_id, cancelled=cancelled)
    published = announce_all(connections)
    log.info("announced", run=run_id, published=published)
    return published


def announce_all(connections: Connections) -> int:
    """Announce every stored model and every alias move that is not announced; return the number published.

    Raises:
        BrokerUnavailableError: the broker did not take them all; the rest stays unpublished for the next call.
    """
    store = NotificationsStore(connections.models_db)
    store.insert_missing()
    store.insert_missing_moves()
    with open_queue(connections.notifications_url) as queue:
        return store.publish_each(queue.publish) + store.publish_moves(queue.publish)


def announce_model(run_id: str, label: str, connections: Connections) -> bool:
    """Announce one stored model, unless this version of it has been announced. Never raises.

    Returns:
        Whether it was announced. If not, `notify` announces it at the end of the run.
    """
    try:
        store = NotificationsStore(connections.models_db)
        model = ModelKey(run_id, label)
        store.insert_missing(model)
        with open_queue(connections.notifications_url) as queue:
            published = store.publish_each(queue.publish, model)
    except Exception as error:  # noqa: BLE001 - the model is stored, and its training must not fail
        reason = describe_error(error)
        log.warning("not announced yet; `notify` announces it at the end of the run", label=label, reason=reason)
        return False
    if published:
        log.info("announced", label=label)
    return bool(published)


def announce_moves(models_db: Database, notifications_url: str, timeout_seconds: float | None = None) -> int:
    """Announce every alias move that is not announced; return the number published.

    Args:
        models_db: where the moves are.
        notifications_url: the broker's address.
        timeout_seconds: how long each step of the broker may take; see `open_queue`.

    Raises:
        BrokerUnavailableError: the broker did not take them all. They stay unpublished for the next call of this or of
            `announce_all`.
    """
    store = NotificationsStore(models_db)
    store.insert_missing_moves()
    if not store.has_unpublished_moves():
        return 0
    with open_queue(notifications_url, timeout_seconds) as queue:
        return store.publish_moves(queue.publish)


def replay(connections: Connections, consumer: str | None = None, since: datetime | None = None) -> int:
    """Publish earlier announcements again, on one queue only; by default the default queue.

    Args:
        since: leave out what was published before this moment.

    Returns:
        How many messages were published. Messages that are announced at the same time may come twice, with the same id.

    Raises:
        PipelineError: there is no such consumer, or it is the dead-letter queue.
        BrokerUnavailableError: the broker did not take them all; another replay starts from the beginning.
    """
    target = queue_name() if consumer is None else new_queue_name(consumer)
    replayed = 0
    with open_queue(connections.notifications_url) as queue:
        queue.count_ready_of(consumer)
        for message in NotificationsStore(connections.models_db).read_announced(since):
            queue.publish(message, target)
            replayed += 1
    return replayed
