"""How long the steps of a training take."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog

log = structlog.get_logger(__name__)

WAITING: Final = "waiting"
"""The name that time is charged to in which a training waits for others."""


class Clock:
    """Charges each moment to one name: that of the innermost block that is running.

    ```python
    with clock.charging("adapt"):  # works for 2 s
        with clock.charging(WAITING):  # waits for 3 s
            ...
    clock.seconds  # {"adapt": 2.0, "waiting": 3.0}
    ```

    For one thread.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        """What was charged so far, by name."""
        self._running: list[str] = []
        self._charged_until = 0.0

    @contextmanager
    def charging(self, name: str) -> Iterator[None]:
        """Charge the time of the block to a name, but for the time of blocks inside of it."""
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
