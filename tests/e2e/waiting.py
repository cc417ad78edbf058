"""Waiting for a deployment to come to something."""

import time
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 240
"""How long to wait for what must come. Only a test that fails waits so long: on a busy machine all takes longer."""


def wait_until(condition: Callable[[], Any], what: Callable[[], object] = lambda: "it never came to that") -> None:
    """Return once a condition holds; fail with what `what` returns when it does not come to hold."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.2)
