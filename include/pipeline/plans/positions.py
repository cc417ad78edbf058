"""Where in a plan's text a finding is: its line and its column."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.plans.wording import place

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_SAID = re.compile(r"line (\d+), column (\d+)$")

WHOLE = "plan"
"""The path of what is wrong with the whole plan."""


@dataclass(frozen=True)
class Position:
    """A place in a text; line and column count from 1, the column in characters."""

    line: int
    column: int


def find_positions(text: str, paths: Iterable[str]) -> dict[str, Position]:
    """Return the position of each path of a finding, as far as it is known.

    A path points at its value, or if the value is missing, at the nearest part around it that is there. A path that
    says its line itself, as those of a text that is not JSON do, points there.

    Args:
        text: the plan's text. It is JSON, unless every path says where it is or means the whole plan.
        paths: such as `model.options.degree[1]`.
    """
    found: dict[str, Position] = {}
    wanted: dict[str, list[str]] = {}
    for path in paths:
        if said := _SAID.search(path):
            found[path] = Position(int(said[1]), int(said[2]))
        elif path == WHOLE:  # the text need not be JSON, and is not searched
            found[path] = Position(1, 1)
        else:
            wanted[path] = [*_list_around(path)]
    offsets: dict[str, int] = {}
    needed = {each for around in wanted.values() for each in around}
    for path, offset in _list_values(text) if wanted else ():
        if path in needed:
            offsets.setdefault(path, offset)
    for path, around in wanted.items():
        nearest = next((offsets[each] for each in around if each in offsets), None)
        if nearest is not None:
            found[path] = _locate(text, nearest)
    return found


def _list_around(path: str) -> Iterator[str]:
    """Yield a path and those of the parts around it, the whole plan last: `a.b[0]`, `a.b`, `a`, ``."""
    yield path
    for end in range(len(path) - 1, 0, -1):
        if path[end] in ".[":
            yield path[:end]
    yield ""


def _list_values(text: str) -> Iterator[tuple[str, int]]:
    """Yield the path of each value in a JSON text and where it begins; of a key's value, where the key begins."""
    paths: list[str] = []  # of the lists and objects that are open
    keys: list[str | int] = []  # in each of them the current key, or the number of the current item
    starts: list[int | None] = []  # in each of them where the current key begins
    expects_key = False
    for match in _TOKEN.finditer(text):
        piece, offset = match[0], match.start()
        if piece in ("}", "]"):
            if not paths:
                return
            paths.pop(), keys.pop(), starts.pop()
            expects_key = False
        elif piece == ",":
            if keys and isinstance(keys[-1], int):
                keys[-1] += 1
            else:
                expects_key = bool(keys)
        elif piece == ":":
            expects_key = False
        elif expects_key:
            keys[-1], starts[-1] = _read(piece), offset
        else:
            path = _place_of(paths, keys)
            yield path, starts[-1] if starts and starts[-1] is not None else offset
            if piece in ("{", "["):
                paths.append(path)
                keys.append("" if piece == "{" else 0)
                starts.append(None)
                expects_key = piece == "{"


def _place_of(paths: list[str], keys: list[str | int]) -> str:
    if not paths:
        return ""
    return f"{paths[-1]}[{keys[-1]}]" if isinstance(keys[-1], int) else place(paths[-1], keys[-1])


def _read(token: str) -> str:
    try:
        return str(json.loads(token))
    except ValueError:
        return token


def _locate(text: str, offset: int) -> Position:
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
