"""What commands print: whole labels on any terminal, and every value as it is."""

import io
from typing import Any

import pytest

from pipeline.cli import console as terminal
from pipeline.cli import output


def test_a_narrow_terminal_loses_whole_columns_and_says_which(screen: Any) -> None:
    shown = screen(60)

    output.print_table(("label", "accuracy", "run"), [("word2vec-svm-0123456789ab", 0.5, "r" * 40)])

    text = shown.getvalue()
    assert "word2vec-svm-0123456789ab" in text
    assert "0.500" in text
    assert "no room for: run" in text
    assert "rrr" not in text


def test_a_wide_terminal_shows_all(screen: Any) -> None:
    shown = screen(100)

    output.print_table(("label", "run"), [("a", "r" * 40)])

    assert "r" * 40 in shown.getvalue()
    assert "no room" not in shown.getvalue()


def test_an_argument_that_is_no_unicode_is_printed_with_a_mark(screen: Any) -> None:
    shown = screen(80)

    output.print_table(("text",), [("caf\udce9",)])

    assert "caf?" in shown.getvalue()


def test_a_name_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(terminal, "console", terminal.SafeConsole(file=shown, width=100))

    output.print_table(("class",), [("sp\u202eam\x1b[2J",)])
    output.print_line("no example is left of a\x9bb")
    output.print_json({"sp\u202eam": 1})

    printed = shown.getvalue() + capsys.readouterr().out
    assert printed.count("sp\\u202eam") == 2
    assert "am\\u001b[2J" in printed
    assert "a\\u009bb" in printed
    assert not {"\u202e", "\x1b", "\x9b"} & set(printed)
