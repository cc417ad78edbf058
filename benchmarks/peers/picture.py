"""A picture of what each contestant had reached when: steps in an SVG file, which any browser shows."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 760, 360, 60, 40, 20, 230
_COLOURS = ("#0b6e4f", "#c1292e", "#2e5eaa", "#b8860b", "#6a4c93", "#444444")

Steps = Sequence[tuple[float, float]]
"""Seconds, and the accuracy from then on."""


def draw(title: str, curves: Mapping[str, Steps], end: float) -> str:
    """Return the SVG of several curves of accuracy over seconds.

    Args:
        title: what is measured.
        curves: each contestant's steps, in order; one without any reached nothing.
        end: the last second of the picture.
    """
    values = [accuracy for steps in curves.values() for _, accuracy in steps] or [0.0, 1.0]
    low, high = min(values) - 0.005, max(values) + 0.005

    def x(seconds: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * seconds / end

    def y(accuracy: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (high - accuracy) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        f'font-size="12" role="img"><title>{escape(title)}</title><rect width="100%" height="100%" fill="white"/>'
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        accuracy = low + (high - low) * share
        parts.append(f'<path d="M{_LEFT} {y(accuracy):.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y(accuracy) + 4:.1f}" text-anchor="end">{accuracy:.3f}</text>')
        parts.append(
            f'<text x="{x(end * share):.1f}" y="{_HEIGHT - 20}" text-anchor="middle">{end * share:.0f} s</text>'
        )
    for number, (name, steps) in enumerate(curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        shown = [(seconds, accuracy) for seconds, accuracy in steps if seconds <= end]
        if shown:
            path = f"M{x(shown[0][0]):.1f} {y(shown[0][1]):.1f}"
            path += "".join(f"H{x(seconds):.1f}V{y(accuracy):.1f}" for seconds, accuracy in shown[1:])
            parts.append(f'<path d="{path}H{x(end):.1f}" fill="none" stroke="{colour}" stroke-width="2"/>')
            parts.append(f'<circle cx="{x(shown[0][0]):.1f}" cy="{y(shown[0][1]):.1f}" r="3" fill="{colour}"/>')
        note = "" if shown else ": no model yet"
        height = _TOP + 20 + 18 * number
        parts.append(f'<text x="{_WIDTH - _RIGHT + 12}" y="{height}" fill="{colour}">{escape(name + note)}</text>')
    return "\n".join([*parts, "</svg>"])


def write(path: Path, title: str, curves: Mapping[str, Steps], end: float) -> None:
    """Write the picture to a file."""
    path.write_text(draw(title, curves, end), encoding="utf-8")
