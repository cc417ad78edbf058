"""Suggests a known name in place of an unknown one."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import takewhile

LONGEST_NAME = 200  # no name is similar to a longer text
_NEAR = 0.65  # the similarity of `rfb` and `rbf`


def suggest(name: object, known: Iterable[str]) -> str:
    """Return `did you mean …?` with the known name nearest to an unknown one, or "" if none is near."""
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        return ""
    text, names = name.lower(), {each.lower(): each for each in known}
    near = _find_near(text, [*names])
    if not near and len(text) > 2:
        near = sorted((each for each in names if text in each), key=len)
    return f"did you mean {names[near[0]]}?" if near else ""


def _find_near(text: str, names: list[str]) -> list[str]:
    """Return the nearest of some names, or none; the characters that all names begin or end with are not compared."""
    start = _count_shared([text, *names]) if len(names) > 1 else 0
    rests = [each[start:] for each in (text, *names)]
    end = _count_shared([each[::-1] for each in rests]) if len(names) > 1 else 0
    core, *cores = (each[: len(each) - end] for each in rests)
    found = dict(zip(cores, names, strict=True))
    return [found[each] for each in get_close_matches(core, found, n=1, cutoff=_NEAR)]


def _count_shared(texts: list[str]) -> int:
    """Return how many characters all texts begin with."""
    return sum(1 for _ in takewhile(lambda each: len(set(each)) == 1, zip(*texts, strict=False)))
