"""How long the steps of a training took."""

import time
from contextlib import suppress

from structlog.testing import capture_logs

from pipeline.clock import WAITING, Clock


def test_time_inside_of_an_inner_block_is_charged_to_that_alone() -> None:
    clock = Clock()

    with clock.charging("adapt"):
        with clock.charging(WAITING):
            time.sleep(0.05)
        time.sleep(0.01)

    assert clock.seconds[WAITING] >= 0.05
    assert clock.seconds["adapt"] >= 0.01


def test_every_moment_is_charged_once() -> None:
    clock, started = Clock(), time.perf_counter()

    with clock.charging("outer"):
        for _ in range(3):
            with clock.charging("inner"), clock.charging("innermost"):
                pass
    passed = time.perf_counter() - started

    assert sum(clock.seconds.values()) <= passed
    assert [*clock.seconds] == ["outer", "inner", "innermost"]


def test_a_name_adds_up_what_its_blocks_took() -> None:
    clock = Clock()
    with clock.charging("adapt"):
        time.sleep(0.01)
    first = clock.seconds["adapt"]

    with clock.charging("adapt"):
        time.sleep(0.01)

    assert clock.seconds["adapt"] >= first + 0.01


def test_between_blocks_nobody_is_charged() -> None:
    clock = Clock()
    with clock.charging("adapt"):
        pass
    time.sleep(0.05)
    with clock.charging("test"):
        pass

    assert sum(clock.seconds.values()) < 0.05


def test_a_block_that_fails_is_charged_and_closed() -> None:
    clock = Clock()
    with suppress(ZeroDivisionError), clock.charging("adapt"):
        1 // 0  # noqa: B018 - fails
    time.sleep(0.05)

    assert clock.seconds["adapt"] < 0.05


def test_a_step_says_how_long_it_took() -> None:
    clock = Clock()

    with capture_logs() as logs, clock.step("adapt"):
        time.sleep(0.01)

    assert logs == [
        {"event": "step done", "log_level": "info", "step": "adapt", "seconds": round(clock.seconds["adapt"], 4)}
    ]
