"""How long the steps of a training took, by a time that passes only when a test says so."""

from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from passing import PassingTime
from pipeline.clock import WAITING, Clock


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> PassingTime:
    return PassingTime.for_clocks(monkeypatch)


def test_time_inside_of_an_inner_block_is_charged_to_that_alone(time: PassingTime) -> None:
    clock = Clock()

    with clock.charging("adapt"):
        time.sleep(1)
        with clock.charging(WAITING):
            time.sleep(4)
        time.sleep(2)

    assert clock.seconds == {"adapt": 3, WAITING: 4}


def test_every_moment_is_charged_once(time: PassingTime) -> None:
    clock = Clock()

    with clock.charging("outer"):
        for _ in range(3):
            time.sleep(1)
            with clock.charging("inner"), clock.charging("innermost"):
                time.sleep(2)

    assert clock.seconds == {"outer": 3, "inner": 0, "innermost": 6}
    assert [*clock.seconds] == ["outer", "inner", "innermost"]


def test_a_name_adds_up_what_its_blocks_took(time: PassingTime) -> None:
    clock = Clock()
    for seconds in (1, 2):
        with clock.charging("adapt"):
            time.sleep(seconds)

    assert clock.seconds == {"adapt": 3}


def test_between_blocks_nobody_is_charged(time: PassingTime) -> None:
    clock = Clock()
    with clock.charging("adapt"):
        time.sleep(1)
    time.sleep(5)
    with clock.charging("test"):
        time.sleep(2)

    assert clock.seconds == {"adapt": 1, "test": 2}


def test_a_block_that_fails_is_charged_and_closed(time: PassingTime) -> None:
    clock = Clock()
    with suppress(ZeroDivisionError), clock.charging("adapt"):
        time.sleep(1)
        1 // 0  # noqa: B018 - fails
    time.sleep(5)

    assert clock.seconds == {"adapt": 1}


def test_a_step_says_how_long_it_took(time: PassingTime) -> None:
    clock = Clock()

    with capture_logs() as logs, clock.step("adapt"):
        time.sleep(1.25)

    assert logs == [{"event": "step done", "log_level": "info", "step": "adapt", "seconds": 1.25}]
