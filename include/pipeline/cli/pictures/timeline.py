"""Who worked when in a run: a line for each worker, a character for each slice of time."""

from collections import defaultdict
from typing import Any, Final

from pipeline.cli.pictures.frame import LINE, append_cells, name_ticks
from pipeline.cli.pictures.marks import Mark
from pipeline.cli.pictures.scales import Scale
from pipeline.cli.pictures.terminal import find_width, format_seconds, print_picture
from pipeline.visible import escape_harmful

MOST_LANES: Final = 24
_SHADES: Final = "·░▒▓█"
"""None of a slice, up to a quarter of it, up to half of it, and so on."""
_WAITING: Final = Mark("~", "cyan", "waited for what another one prepared")
_FAILED: Final = Mark("x", "red", "trained what failed")
_WORKED: Final = Mark(" ".join(_SHADES), "", "how much of the time it worked")

Slices = dict[int, float]


def print_timeline(found: dict[str, Any]) -> None:
    """Draw what each worker did; nothing if nothing has begun.

    Args:
        found: what `find_timeline` returns.
    """
    from rich.text import Text

    bars = found["bars"]
    if not bars:
        return
    width = find_width()
    lanes = name_lanes(bars, width // 5)
    margin = max(len(name) for name in lanes.values())
    end = max(_since(found, bar["ended_at"]) for bar in bars) or 1.0
    slices = width - margin - 1
    picture = Text()
    drawn: set[tuple[str, str]] = set()
    for lane, name in [*lanes.items()][:MOST_LANES]:
        picture.append(f"{name:>{margin}} ")
        cells = draw_lane(found, [bar for bar in bars if bar["lane"] == lane], slices, end)
        drawn |= {*cells}
        append_cells(picture, cells)
        picture.append("\n")
    ticks = name_ticks(Scale(0, end, slices), max(2, slices // 10))
    line = ""
    for column, name in ticks.items():
        line = line.ljust(min(column, slices - len(name))) + name
    picture.append(" " * (margin + 1) + line)
    key = [_WORKED, *(mark for mark in (_WAITING, _FAILED) if mark[:2] in drawn)]
    print_picture("Who worked when, in seconds since the run began", picture, key, _conclude(found, lanes, end))


def name_lanes(bars: list[dict[str, Any]], longest: int = 20) -> dict[int, str]:
    """Return the names of the lanes, those of one host together.

    Args:
        bars: what is drawn.
        longest: of a host's name, how many characters are shown.
    """
    hosts = {bar["lane"]: bar["host"] or "unknown machine" for bar in bars}
    several = len({*hosts.values()}) > 1
    counted: dict[str, int] = defaultdict(int)
    names = {}
    for lane, host in sorted(hosts.items(), key=lambda item: (item[1], item[0])):
        counted[host] += 1
        names[lane] = f"{_shorten(host, longest)} worker {counted[host]}" if several else f"worker {counted[host]}"
    return names


def _shorten(host: str, longest: int) -> str:
    """Return the end of a long name: hosts of one deployment seldom differ at the beginning."""
    shown = escape_harmful(host)
    return shown if len(shown) <= longest else f"…{shown[1 - longest :]}"


def draw_lane(found: dict[str, Any], bars: list[dict[str, Any]], slices: int, end: float) -> list[tuple[str, str]]:
    """Return the character of each slice with its style.

    Args:
        found: what `find_timeline` returns.
        bars: those of the lane.
        slices: how many there are.
        end: seconds after the beginning of the run at which the last slice ends.
    """
    length = end / slices
    worked: Slices = defaultdict(float)
    waited: Slices = defaultdict(float)
    failed: Slices = defaultdict(float)
    for bar in bars:
        begin = _since(found, bar["began_at"])
        _spread(worked, begin, _since(found, bar["ended_at"]), length)
        if bar["state"] == "failed":
            _spread(failed, begin, _since(found, bar["ended_at"]), length)
        for wait in bar["waits"]:
            _spread(waited, begin + wait["at"], begin + wait["at"] + wait["seconds"], length)
    drawn = []
    for number in range(slices):
        share = worked[number] / length
        if waited[number] > worked[number] / 2:
            drawn.append((_WAITING.character, _WAITING.style))
        elif failed[number] > worked[number] / 2:
            drawn.append((_FAILED.character, _FAILED.style))
        else:
            shade = _SHADES[min(4, int(4 * share - 1e-6) + 1)] if share > 0 else _SHADES[0]
            drawn.append((shade, "" if share > 0 else LINE))
    return drawn


def _spread(slices: Slices, begin: float, end: float, length: float) -> None:
    """Add to each slice the seconds between begin and end that are in it."""
    for number in range(int(begin / length), int(end / length) + 1):
        slices[number] += max(0.0, min(end, (number + 1) * length) - max(begin, number * length))


def _since(found: dict[str, Any], moment: Any) -> float:
    return max(0.0, float((moment - found["began_at"]).total_seconds()))


def _conclude(found: dict[str, Any], lanes: dict[int, str], end: float) -> str:
    bars = found["bars"]
    worked = sum((bar["ended_at"] - bar["began_at"]).total_seconds() for bar in bars)
    waited = sum(wait["seconds"] for bar in bars for wait in bar["waits"])
    workers = f"{len(lanes):,} worker{'s' * (len(lanes) != 1)}"
    left_out = f"; the first {MOST_LANES} are drawn" if len(lanes) > MOST_LANES else ""
    waiting = f", {format_seconds(waited)} of it waiting for what another one prepared" if waited else ""
    share = worked / end / len(lanes)
    return f"{workers} worked {100 * share:.0f} % of {format_seconds(end)}{waiting}{left_out}."
