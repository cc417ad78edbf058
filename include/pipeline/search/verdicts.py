"""Which definitions of a search go on, which are stopped, and which of this is certain before all have been tried."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from pipeline.search.rungs import Rung


class Score(NamedTuple):
    """How good a definition was in a rung; higher is better.

    Attributes:
        metric: the plan's metric, with its sign changed if lower is better.
        macro_f1: decides between equal metrics.
    """

    metric: float
    macro_f1: float


@dataclass(frozen=True)
class Entrant:
    """A definition in a search.

    Attributes:
        label: its label.
        position: its place in the plan, which decides between equal scores.
        scores: in each rung in which it has been tried, from the first on.
        failed: whether it has failed, in the rung after these or in full.
    """

    label: str
    position: int
    scores: Sequence[Score] = ()
    failed: bool = False


class Step(StrEnum):
    """What comes next for a definition."""

    TRY = "try"
    """It is tried in this rung."""
    WAIT = "wait"
    """It has been tried in this rung, and whether it goes on depends on others."""
    STOP = "stop"
    """It does not go on from this rung."""
    WHOLE = "whole"
    """It is trained in full."""
    FAILED = "failed"
    """It has failed."""


class Verdict(NamedTuple):
    """What comes next for a definition.

    Attributes:
        step: what.
        rung: in which rung, from 0; for `WHOLE`, how many rungs there are.
    """

    step: Step
    rung: int


def judge(entrants: Iterable[Entrant], rungs: Sequence[Rung]) -> dict[str, Verdict]:
    """Return what comes next for each definition.

    In each rung the definitions are ranked by score, then macro F1, then their place in the plan; those that fail come
    last, and the first `places` go on. What is returned is certain: a definition goes on as soon as it has a place even
    if all that have not been tried yet turn out better, and is stopped as soon as so many are better. So the result is
    the same in whatever order definitions are tried, and few of them have to wait:

    ```text
    of four, two go on; tried so far are A 0.9, B 0.7, C 0.6
    A goes on: at most D can be better.   B waits: D may be better.   C is stopped: A and B are better.
    ```

    Args:
        entrants: all definitions of the search.
        rungs: as `list_rungs` returns them for so many definitions.
    """
    verdicts: dict[str, Verdict] = {}
    field = [*entrants]
    expected = len(field)
    for number, rung in enumerate(rungs):
        tried = sorted(
            (each for each in field if len(each.scores) > number),
            key=lambda each: (*(-value for value in each.scores[number]), each.position),
        )
        failed = [each for each in field if len(each.scores) <= number and each.failed]
        unknown = expected - len(tried) - len(failed)
        for each in field:
            verdicts[each.label] = Verdict(Step.FAILED if each.failed else Step.TRY, number)
        for better, each in enumerate(tried):
            verdicts[each.label] = Verdict(Step.STOP if better >= rung.places else Step.WAIT, number)
        field = [each for better, each in enumerate(tried) if better + unknown < rung.places]
        expected = min(rung.places, expected - len(failed))
    for each in field:
        verdicts[each.label] = Verdict(Step.FAILED if each.failed else Step.WHOLE, len(rungs))
    return verdicts
