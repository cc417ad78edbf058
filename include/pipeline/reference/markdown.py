"""The Markdown of headings, links, code, prose and tables."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.reference.blocks import format_json

_CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)


def heading(level: int, text: str) -> str:
    """Return a heading."""
    return f"{'#' * level} {text}"


def anchor(text: str) -> str:
    """Return the anchor of a heading as GitHub makes it: `scikit_model_svm`, `spandataset`."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def link(text: str, page: str = "", section: str = "") -> str:
    """Return a link to a page or to a heading on it; without a page, to a heading on the same page."""
    return f"[{text}]({page and f'{page}.md'}{section and f'#{anchor(section)}'})"


def code(text: str) -> str:
    """Return text as code, in as many backticks as it needs."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def prose(text: str) -> str:
    """Return the Markdown of a docstring or of an option's description; outside of code, `<` is escaped."""
    parts, end = [], 0
    for found in _CODE.finditer(text):
        parts += [text[end : found.start()].replace("<", r"\<"), found.group()]
        end = found.end()
    return "".join([*parts, text[end:].replace("<", r"\<")])


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a cell is one line of Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", r"\|").split())


def json_block(value: Any) -> str:
    """Return a block of JSON."""
    return f"```json\n{format_json(value)}\n```"
