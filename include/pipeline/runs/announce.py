"""Announce every stored model that has not been announced, or once more what has been."""

from datetime import datetime

from pipeline.errors import PipelineError
from pipeline.log import get_logger
from pipeline.notifications.names import new_queue_name, queue_name
from pipeline.notifications.queue import open_queue
from pipeline.runs.connections import Connections
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.notifications import ModelKey, NotificationsStore

log = get_logger(__name__)


def notify(run_id: str, connections: Connections, *, cancelled: bool = False) -> int:
    """Close a run in the ledger and announce all that is stored and unannounced, of this run or an earlier one.

    Args:
        cancelled: the run was ended by hand: what has not ended is cancelled, not failed.

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
    """Announce one stored model, unless it has been announced as it is; never fail.

    Returns:
        Whether it was announced. Where not, the `notify` at the end of its run does it.
    """
    try:
        store = NotificationsStore(connections.models_db)
        model = ModelKey(run_id, label)
        store.insert_missing(model)
        with open_queue(connections.notifications_url) as queue:
            published = store.publish_each(queue.publish, model)
    except Exception as error:  # noqa: BLE001 - whatever it is, the model is stored, and a training must not fail for it
        reason = str(error) if isinstance(error, PipelineError) else type(error).__name__
        log.warning("not announced yet; `notify` announces it at the end of the run", label=label, reason=reason)
        return False
    if published:
        log.info("announced", label=label)
    return bool(published)


def replay(connections: Connections, consumer: str | None = None, since: datetime | None = None) -> int:
    """Put what was announced before on one queue alone; the default one where no consumer is named.

    Args:
        since: leave out what was published before.

    Returns:
        How many messages were put there. Those of now may come a second time, with the same id.

    Raises:
        PipelineError: there is no such consumer, or it is the dead-letter queue.
        BrokerUnavailableError: the broker did not take them all; a second replay begins anew.
    """
    target = queue_name() if consumer is None else new_queue_name(consumer)
    replayed = 0
    with open_queue(connections.notifications_url) as queue:
        queue.count_ready_of(consumer)
        for message in NotificationsStore(connections.models_db).read_announced(since):
            queue.publish(message, target)
            replayed += 1
    return replayed
