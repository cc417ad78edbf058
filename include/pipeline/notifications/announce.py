"""Announce every stored model that has not been announced."""

import structlog

from pipeline.connections import Connections
from pipeline.notifications.queue import open_queue
from pipeline.stores.ledger import Ledger
from pipeline.stores.notifications import NotificationsStore

log = structlog.get_logger(__name__)


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
