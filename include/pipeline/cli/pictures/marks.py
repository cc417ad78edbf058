"""How models are told apart in the pictures of a run, with and without colours."""

from typing import Any, Final, NamedTuple


class Mark(NamedTuple):
    """A character for a kind of model. Colours are those of the terminal's own theme, light or dark."""

    character: str
    style: str
    meaning: str


BEST: Final = Mark("●", "bold green", "the best")
TIE: Final = Mark("○", "cyan", "ties with the best")
FRONT: Final = Mark("◆", "magenta", "on the front")
FRONT_LINE: Final = Mark("─", "dim", "the front: nothing cheaper is as good")
TRAINED: Final = Mark("◆", "magenta", "trained in full")
OTHER: Final = Mark("·", "", "others")

ORDER: Final = (OTHER, FRONT, TRAINED, TIE, BEST)
"""What matters most comes last."""


def choose_mark(definition: dict[str, Any], outstanding: Mark | None = None) -> Mark:
    """Return the mark of a definition; `outstanding` is for one that stands out and is neither the best nor a tie."""
    if definition["best"]:
        return BEST
    if definition["tie"]:
        return TIE
    return outstanding or OTHER
