"""A publisher of alias moves to be killed: `python mortal_publisher.py MODELS_DB BROKER PREFIX COUNT`.

It kills itself when the broker has so many messages, before it has marked the last of them.
"""

import os
import signal
import sys
from typing import Any

from pipeline.notifications import names
from pipeline.notifications.queue import open_queue
from pipeline.stores.database import Database
from pipeline.stores.models.notifications import NotificationsStore

if __name__ == "__main__":
    models_url, broker, names.PREFIX, count = sys.argv[1:]
    left = int(count)
    store = NotificationsStore(Database.from_url("models_db", models_url))
    store.insert_missing_moves()
    with open_queue(broker) as queue:

        def publish(message: dict[str, Any]) -> None:
            """Publish a message, and die of the last one."""
            global left
            queue.publish(message)
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        store.publish_moves(publish)
