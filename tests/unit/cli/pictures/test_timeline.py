"""Who worked when: a character for each slice of time."""

from typing import Any

from pictures_found import START, make_bar
from pipeline.cli.pictures.timeline import MOST_LANES, draw_lane, name_lanes, print_timeline


def draw(*bars: dict[str, Any], slices: int = 8, end: float = 8.0) -> str:
    cells = draw_lane({"began_at": START, "bars": bars}, [*bars], slices, end)
    return "".join(character for character, _ in cells)


def test_a_slice_is_the_darker_the_more_of_it_was_work() -> None:
    bars = [make_bar(1, 2), make_bar(2.1, 2.3), make_bar(3, 3.5), make_bar(4, 4.7), make_bar(6.9, 8)]

    assert draw(*bars) == "·█░▒▓·░█"


def test_waiting_and_failing_have_characters_of_their_own() -> None:
    waits = [{"at": 0.0, "seconds": 2.6, "what": "words", "made_by": "b"}]

    assert draw(make_bar(1, 5, waits=waits), make_bar(6, 8, state="failed")) == "·~~~█·xx"


def test_a_training_that_spans_slices_fills_them_all() -> None:
    assert draw(make_bar(0, 8)) == "█" * 8
    assert draw(make_bar(0, 1e-6)) == "░·······"


def test_workers_are_numbered_by_machine() -> None:
    bars = [make_bar(0, 1, 0, host="b"), make_bar(0, 1, 1, host="a"), make_bar(0, 1, 2, host="b")]

    assert name_lanes(bars) == {1: "a worker 1", 0: "b worker 1", 2: "b worker 2"}
    assert name_lanes([make_bar(0, 1, 0, host=None)]) == {0: "worker 1"}


def test_a_machine_cannot_steer_the_terminal_with_its_name() -> None:
    names = name_lanes([make_bar(0, 1, 0, host="\x1b[2J"), make_bar(0, 1, 1, host="b")])

    assert "\x1b" not in "".join(names.values())


def test_the_sentence_says_how_much_of_the_time_was_work(draw_in: Any) -> None:
    shown = draw_in(None)
    waits = [{"at": 1.0, "seconds": 2.0, "what": "words", "made_by": "b"}]

    print_timeline({"began_at": START, "bars": [make_bar(5, 10), make_bar(5, 10, 1, waits=waits)]})

    lines = shown.getvalue().splitlines()
    assert lines[2] == f"worker 1 {'·' * 35}▒{'█' * 35}"
    assert lines[3] == f"worker 2 {'·' * 35}▒{'█' * 7}{'~' * 14}{'█' * 14}"
    assert lines[4].split() == ["0", "2", "4", "6", "8", "10"]
    assert lines[-1] == "2 workers worked 50 % of 10 s, 2.0 s of it waiting for what another one prepared."


def test_of_very_many_workers_the_first_are_drawn(draw_in: Any) -> None:
    shown = draw_in(None)

    print_timeline({"began_at": START, "bars": [make_bar(0, 1, lane) for lane in range(MOST_LANES + 5)]})

    assert shown.getvalue().count("worker ") == MOST_LANES
    assert shown.getvalue().endswith(f"29 workers worked 100 % of 1.0 s; the first {MOST_LANES} are drawn.\n")


def test_a_run_in_which_nothing_has_begun_has_no_timeline(draw_in: Any) -> None:
    shown = draw_in(None)

    print_timeline({"began_at": START, "bars": []})

    assert shown.getvalue() == ""
