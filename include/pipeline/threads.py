"""How many threads a training computes on: one, unless the environment asks for more.

Trainings beside each other use the cores, and libraries that each take all of them would only fight over them. More
threads also add numbers up in another order, so that a model may differ in its last digits from one trained on one.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController

from pipeline.errors import PipelineError

VARIABLE = "PIPELINE_TRAINING_THREADS"
_MOST = 1_024


def count_threads() -> int:
    """Return how many threads a training may compute on.

    Raises:
        PipelineError: the environment says something that is no such number.
    """
    text = os.environ.get(VARIABLE, "").strip() or "1"
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= _MOST):
        raise PipelineError(VARIABLE, f"{text!r} is not usable", f"a whole number from 1 to {_MOST}")
    return int(text)


@cache
def find_libraries() -> ThreadpoolController:
    """Return what this process has loaded by now that computes on threads; looking for it takes milliseconds."""
    return ThreadpoolController()


@contextmanager
def limit_threads() -> Iterator[None]:
    """Let libraries compute on so many threads while the block runs; not those loaded after the first such block."""
    with find_libraries().limit(limits=count_threads()):
        yield
