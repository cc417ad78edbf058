"""Terminals to draw in."""

import io
import sys
from typing import Any

import pytest

from pipeline.cli import console as terminal


@pytest.fixture
def draw_in(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that gives pictures a terminal of some width, or a pipe, and the text that it shows."""

    def draw_in(width: int | None) -> io.StringIO:
        shown = io.StringIO()
        is_terminal = width is not None
        console = terminal.SafeConsole(
            file=shown,
            width=width or 10_000,
            force_terminal=is_terminal,
            color_system="standard" if is_terminal else None,
            _environ={"TERM": "xterm"},
        )
        monkeypatch.setattr(terminal, "console", console)
        monkeypatch.setattr(sys, "stdout", shown)
        return shown

    return draw_in
