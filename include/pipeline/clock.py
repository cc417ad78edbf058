"""Measures how long the steps of a training take."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pipeline.log import get_logger

log = get_logger(__name__)

WAITING: Final = "waiting"
"""The name for time that a training spends waiting for others."""


class Clock:
    """Measures seconds by name. Time in nested blocks is charged to the innermost block only.

    ```python
    with clock.charging("adapt"):  # works for 2 s
        with clock.charging(WAITING):  # waits for 3 s
            ...
    clock.seconds  # {"adapt": 2.0, "waiting": 3.0}
    ```

    Not for several threads.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        """Seconds by name."""
        self._running: list[str] = []
        self._charged_until = 0.0

    @contextmanager
    def charging(self, name: str) -> Iterator[None]:
        """Charge the block's time to a name, except for time in blocks inside it."""
        self._charge()
        self._running.append(name)
        try:
            yield
        finally:
            self._charge()
            self._running.pop()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Charge the block to a name and log how long it took."""
        with self.charging(name):
            yield
        log.info("step done", step=name, seconds=round(self.seconds[name], 4))

    def _charge(self) -> None:
        now = time.perf_counter()
        if self._running:
            name = self._running[-1]
            self.seconds[name] = self.seconds.get(name, 0.0) + now - self._charged_until
        self._charged_until = now
