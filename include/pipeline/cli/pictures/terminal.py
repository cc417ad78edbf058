"""Where pictures are drawn: how wide they are, and what stands above and below them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from pipeline.cli.output import print_line
from pipeline.cli.pictures.marks import Mark
from pipeline.visible import escape_harmful

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

MOST: Final = 100
"""Columns: in a wider picture, lines get too long to follow."""
ELSEWHERE: Final = 80
"""Columns where the output is no terminal."""
_LEAST: Final = 30
_GAP: Final = "   "


def find_width() -> int:
    """Return how many columns a picture has."""
    from pipeline.cli.console import console

    return max(_LEAST, min(console.width, MOST)) if console.is_terminal else ELSEWHERE


def print_picture(title: str, picture: "RenderableType", key: Iterable[Mark], conclusion: str) -> None:
    """Print a picture below its title; below it, what its marks mean and what it says, in a sentence.

    Args:
        title: what is drawn.
        picture: no wider than `find_width`.
        key: the marks that are in it.
        conclusion: the sentence.
    """
    from rich.text import Text

    from pipeline.cli.console import console

    print_line("")
    console.print(Text(escape_harmful(title), "bold"), soft_wrap=True)
    console.print(picture, width=find_width(), no_wrap=True, overflow="ignore", crop=False, highlight=False)
    for line in _explain(key):
        console.print(line, soft_wrap=True)
    print_line(conclusion)


def _explain(key: Iterable[Mark]) -> "list[Text]":
    """Return the lines of a key: as many marks in each as have room."""
    from rich.text import Text

    lines: list[Text] = []
    for mark in key:
        told = Text.assemble((mark.character, mark.style), f" {mark.meaning}")
        if lines and lines[-1].cell_len + len(_GAP) + told.cell_len <= find_width():
            lines[-1].append(_GAP).append_text(told)
        else:
            lines.append(told)
    return lines


def format_seconds(seconds: float) -> str:
    """Return `0.2 s`, or `1,234 s`."""
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:,.0f} s"


def capitalise(text: str) -> str:
    """Return a text with a large first letter."""
    return text[:1].upper() + text[1:]
