"""How wide pictures are, and when they have colours."""

import io
import re
from typing import Any

import pytest
from rich.cells import cell_len

from pictures_found import START, make_bar, make_found, make_model
from pipeline.cli import console as terminal
from pipeline.cli.pictures.costs import print_costs
from pipeline.cli.pictures.growth import print_growth
from pipeline.cli.pictures.model import print_classes, print_confusions, print_reliability
from pipeline.cli.pictures.terminal import ELSEWHERE, MOST, find_width
from pipeline.cli.pictures.timeline import print_timeline

CODE = re.compile(r"\x1b\[([\d;]*)m")
NAMES = ["a class with a rather long name that has no room", "漢字" * 20, "ham"]


def draw_everything() -> None:
    steps = [{"at": fold, "score": 0.5 + fold / 10} for fold in (1, 2, 3)]
    models = [make_model(f"m{number}", number, 1 - number / 50, tie=number < 9, steps=steps) for number in range(1, 40)]
    found = make_found(models[0] | {"best": True}, *models[1:], steps_of="folds")
    print_costs(found)
    print_growth(found)
    hosts = ["a-machine-with-a-name-of-many-letters.example.com", "two"]
    waits = [{"at": 0, "seconds": 30, "what": "words", "made_by": None}]
    bars = [make_bar(0, 60, 0, host=hosts[0], waits=waits), make_bar(3, 9, 1, host=hosts[1], state="failed")]
    print_timeline({"began_at": START, "bars": bars})
    score = {"f1": 0.5, "precision": 1.0, "recall": 0.25, "support": 1234}
    print_classes(dict.fromkeys(NAMES, score))
    print_confusions(NAMES, [[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    print_reliability({"reliability": [{"count": 9, "confidence": 0.7, "accuracy": 0.8}], "calibration_error": 0.1})


def list_drawn(shown: io.StringIO) -> list[str]:
    """Return the lines of pictures, without titles and sentences, which may wrap."""
    return [line for line in CODE.sub("", shown.getvalue()).splitlines() if re.search("[│┤└█]|worker \\d", line)]


@pytest.mark.parametrize(("width", "expected"), [(None, ELSEWHERE), (60, 60), (100, 100), (400, MOST), (7, 30)])
def test_pictures_are_as_wide_as_the_terminal_within_limits(draw_in: Any, width: int | None, expected: int) -> None:
    draw_in(width)

    assert find_width() == expected


@pytest.mark.parametrize("width", [None, 44, 72, 300])
def test_nothing_drawn_is_wider(draw_in: Any, width: int | None) -> None:
    shown = draw_in(width)

    draw_everything()

    widths = [cell_len(line) for line in list_drawn(shown)]
    assert len(widths) > 50
    assert max(widths) == find_width()


def test_there_are_no_codes_where_the_output_is_no_terminal(draw_in: Any) -> None:
    shown = draw_in(None)

    draw_everything()

    assert "\x1b" not in shown.getvalue()


def test_colours_are_those_of_the_terminals_theme(draw_in: Any) -> None:
    shown = draw_in(80)

    draw_everything()

    codes = {code for codes in CODE.findall(shown.getvalue()) for code in codes.split(";")}
    assert {"31", "32", "36"} <= codes
    # nothing that could not be seen on a light or a dark ground: no black, white, yellow or blue, and no own ground
    assert not codes & {"30", "33", "34", "37", "38", "48", *map(str, range(40, 48)), *map(str, range(90, 108))}


def test_no_color_is_obeyed(draw_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = draw_in(80)
    console = terminal.SafeConsole(
        file=shown, width=80, force_terminal=True, _environ={"TERM": "xterm", "NO_COLOR": "1"}
    )
    monkeypatch.setattr(terminal, "console", console)

    draw_everything()

    assert {*CODE.findall(shown.getvalue())} <= {"0", "1", "2"}  # bold and dim
