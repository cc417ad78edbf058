"""Announce stored models, and announce them again to one queue."""

from datetime import datetime

import structlog

from pipeline.errors import PipelineError
from pipeline.notifications.names import new_queue_name, queue_name
from pipeline.notifications.queue import open_queue
from pipeline.runs.connections import Connections
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.notifications import ModelKey, NotificationsStore

log = structlog.get_logger(__name__)


def notify(run_id: str, connections: Connections, *, cancelled: bool = False) -> int:
    """Close a run in the ledger and announce all that is stored and unannounced, of this run or an earlier one.

    Args:
        cancelled: whether the run was ended by hand. Definitions that have not ended are then cancelled, not failed.

    Returns:
        How many notifications were published.

    Raises:
        BrokerUnavailableError: the broker did not take them all; the rest stays unpublished for the next call.
    """
    Ledger(connections.models_db).close_run(run_id, cancelled=cancelled)
    store = NotificationsStore(connections.models_db)
    inserted = store.insert_missing()
    with open_queue(connections.notifications_url) as queue:
        published = store.publish_each(queue.publish)
    log.info("announced", run=run_id, new=inserted, published=published)
    return published


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
        reason = str(error) if isinstance(error, PipelineError) else type(error).__name__
        log.warning("not announced yet; `notify` announces it at the end of the run", label=label, reason=reason)
        return False
    if published:
        log.info("announced", label=label)
    return bool(published)


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
