"""Verdicts are the same in whatever order definitions are tried, and each is given as early as it is certain."""

import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.search.rungs import Rung, list_rungs
from pipeline.search.settings import Search
from pipeline.search.verdicts import Entrant, Score, Step, judge

ONE_RUNG = [Rung(1 / 2, 4, 2)]


def entrant(label: str, *scores: float, failed: bool = False) -> Entrant:
    return Entrant(label, ord(label), [Score(score, 0.5) for score in scores], failed)


def steps(*entrants: Entrant, rungs: list[Rung] = ONE_RUNG) -> dict[str, str]:
    return {label: verdict.step for label, verdict in judge(entrants, rungs).items()}


def test_the_best_go_on_and_the_others_are_stopped() -> None:
    found = steps(entrant("a", 0.6), entrant("b", 0.9), entrant("c", 0.7), entrant("d", 0.8))

    assert found == {"a": "stop", "b": "whole", "c": "stop", "d": "whole"}


def test_what_is_certain_does_not_wait() -> None:
    found = steps(entrant("a", 0.9), entrant("b", 0.7), entrant("c", 0.6), entrant("d"))

    assert found == {"a": "whole", "b": "wait", "c": "stop", "d": "try"}


def test_equal_scores_go_by_macro_f1_and_then_by_the_plan() -> None:
    by_f1 = [Entrant("a", 0, [Score(0.5, 0.1)]), Entrant("b", 1, [Score(0.5, 0.2)])]
    by_plan = [Entrant("a", 1, [Score(0.5, 0.2)]), Entrant("b", 0, [Score(0.5, 0.2)])]
    rungs = [Rung(1 / 2, 2, 1)]

    assert steps(*by_f1, rungs=rungs) == {"a": "stop", "b": "whole"}
    assert steps(*by_plan, rungs=rungs) == {"a": "stop", "b": "whole"}


def test_a_definition_that_fails_comes_last() -> None:
    found = steps(entrant("a", failed=True), entrant("b", 0.9), entrant("c", 0.1), entrant("d", failed=True))

    assert found == {"a": "failed", "b": "whole", "c": "whole", "d": "failed"}


def test_one_that_fails_in_full_has_no_successor() -> None:
    found = steps(entrant("a", 0.9, failed=True), entrant("b", 0.8), entrant("c", 0.7), entrant("d", 0.6))

    assert found == {"a": "failed", "b": "whole", "c": "stop", "d": "stop"}


def test_without_rungs_all_are_trained_in_full() -> None:
    assert steps(entrant("a"), entrant("b", failed=True), rungs=[]) == {"a": "whole", "b": "failed"}


@given(
    scores=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=1, max_size=30),
    factor=st.integers(2, 4),
    order=st.randoms(use_true_random=False),
)
def test_the_result_does_not_depend_on_the_order(
    scores: list[tuple[int, int, bool]], factor: int, order: random.Random
) -> None:
    """Whoever is tried next is drawn; a verdict that has been given is never taken back."""
    rungs = list_rungs(len(scores), Search(factor=factor, smallest=0.01))
    given_scores = dict(enumerate(scores))

    def play(choose: random.Random) -> dict[str, str]:
        known: dict[int, list[Score]] = {number: [] for number in given_scores}
        failed: set[int] = set()
        final: dict[str, str] = {}
        while True:
            field = [Entrant(str(number), number, known[number], number in failed) for number in given_scores]
            verdicts = judge(field, rungs)
            for label, verdict in verdicts.items():
                if verdict.step in (Step.STOP, Step.WHOLE):
                    assert final.setdefault(label, verdict.step) == verdict.step
            open_ones = [int(label) for label, verdict in verdicts.items() if verdict.step == Step.TRY]
            if not open_ones:
                assert all(verdict.step != Step.WAIT for verdict in verdicts.values())
                return {label: verdict.step for label, verdict in verdicts.items()}
            number = choose.choice(open_ones)
            first, second, fails = given_scores[number]
            if fails and len(known[number]) == second % max(len(rungs), 1):
                failed.add(number)
            else:
                known[number].append(Score((first * 7 + second * len(known[number])) % 5, 0.0))

    assert play(order) == play(random.Random(0))  # noqa: S311 - an order


@pytest.mark.parametrize(("count", "unknown"), [*product(range(1, 12), range(4))])
def test_no_certain_verdict_is_wrong(count: int, unknown: int) -> None:
    """Whatever the untried turn out to be, those that go on or are stopped still do or are."""
    rungs = [Rung(1 / 3, count, max(count // 3, 1))]
    tried = [Entrant(str(number), number, [Score(number, 0.0)]) for number in range(count - min(unknown, count))]
    missing = range(len(tried), count)
    early = judge([*tried, *(Entrant(str(number), number) for number in missing)], rungs)
    for values in product([-1.0, count / 2 + 0.5, 99.0, None], repeat=len(missing)):
        others = [
            Entrant(str(number), number, [] if value is None else [Score(value, 0.0)], value is None)
            for number, value in zip(missing, values, strict=True)
        ]
        final = judge([*tried, *others], rungs)
        for label, verdict in early.items():
            if verdict.step in (Step.STOP, Step.WHOLE):
                assert final[label].step == verdict.step
