"""Hears of moved aliases and new models on a queue of the service's own, so that it need not wait for its next look."""

import time
from collections.abc import Callable
from typing import Any, NoReturn

from pipeline.errors import describe_error
from pipeline.log import get_logger
from pipeline.notifications.queue import open_queue

log = get_logger(__name__)

_IDLE_SECONDS = 1.0
_LOOK_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0


def listen(url: str, queue: str, look_now: Callable[[float], bool]) -> NoReturn:
    """Take messages for ever; each is acknowledged once what it tells is in service.

    A broker that is down is tried again and again: the service looks by itself as well, only less often.

    Args:
        url: the broker's address.
        queue: the name of the consumer.
        look_now: see `Follower.look_now`.
    """

    def look(_: dict[str, Any]) -> None:
        look_now(_LOOK_SECONDS)

    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            with open_queue(url) as opened:
                opened.subscribe(queue)
                log.info("listening", queue=queue)
                pause = _FIRST_PAUSE_SECONDS
                while True:
                    opened.consume(look, _IDLE_SECONDS, consumer=queue, limit=100)
        except Exception as error:  # noqa: BLE001 - the service looks by itself as well
            log.warning(
                "not listening: moves are noticed a second later", reason=describe_error(error), again_seconds=pause
            )
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
