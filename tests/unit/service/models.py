"""Stand-ins for models that answer, of which a test holds the reins."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from pipeline.service.served import Served
from pipeline.service.source import Target


class Echo:
    """Answers each text with itself, and remembers what it was asked together."""

    def __init__(self, before: Callable[[], object] = lambda: None) -> None:
        self.asked: list[list[str]] = []
        self._before = before

    def answer(self, texts: list[str]) -> tuple[list[str], Any]:
        self.asked.append(texts)
        self._before()
        if "bad" in texts:
            raise ValueError("a text that no model expects")
        return list(texts), np.array([[float(len(text)), 0.5] for text in texts])


def make_served(model: Any, version: int = 1, seconds: float = 0.0001) -> Served:
    """Return a model in service as `label@version`, of which one text takes so many seconds."""
    return Served(Target("label", version, f"{version:064x}"), cast("Any", model), ["a", "b"], seconds)
