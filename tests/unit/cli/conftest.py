"""A terminal for what commands print."""

import io
import sys
from typing import Any

import pytest
from rich.console import Console

from pipeline.cli import console as terminal


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that gives commands a terminal of some width, and the text that it shows."""

    def of_width(width: int) -> io.StringIO:
        shown = io.StringIO()
        console = Console(file=shown, width=width)
        monkeypatch.setattr(terminal, "console", console)
        monkeypatch.setattr(sys, "stdout", shown)
        return shown

    return of_width
