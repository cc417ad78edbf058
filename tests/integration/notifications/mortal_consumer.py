"""A consumer to be killed: `python mortal_consumer.py BROKER PREFIX LOG HOLD_AFTER`.

It writes each label that it has worked on to the log, with the time. After `HOLD_AFTER` labels, unless that is
negative, it says which message it holds and works on it for ever. A message that says so kills it, or is rejected.
"""

import os
import signal
import sys
import time
from typing import Any

from pipeline.notifications import names
from pipeline.notifications.message import UnreadableMessageError
from pipeline.notifications.queue import open_queue

WORK_SECONDS = 0.005


class Handler:
    """What it does with a message."""

    def __init__(self, log: str, hold_after: int) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._left = hold_after

    def handle(self, message: dict[str, Any]) -> None:
        """Work on a message."""
        label = message["label"]
        if label.startswith("kills"):
            os.kill(os.getpid(), signal.SIGKILL)
        if label.startswith("rejected"):
            raise UnreadableMessageError(label)
        if self._left == 0:
            print(f"holding {label}", flush=True)  # noqa: T201
            time.sleep(600)
        self._left -= 1
        time.sleep(WORK_SECONDS)
        os.write(self._log, f"{label} {time.time()}\n".encode())


if __name__ == "__main__":
    broker, names.PREFIX, log, hold_after = sys.argv[1:]
    with open_queue(broker) as queue:
        print("ready", flush=True)  # noqa: T201
        queue.consume(Handler(log, int(hold_after)).handle, timeout_seconds=600)
