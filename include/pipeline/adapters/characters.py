"""How a text's characters are normalised before it is cut into words or terms, and which of them belong to a word.

There are two tokenisers. A document names the one with which it was trained, and keeps answering with it:

1. Text is lower-cased. Words are runs of letters and digits, so a combining mark ends a word: `का` gives `क`.
2. Text is lower-cased and composed, and loses what cannot be seen. Marks belong to their word: `का` gives `का`.
"""

import re
import unicodedata
from functools import cache
from itertools import count, groupby
from typing import Final

FIRST: Final = 1
NEWEST: Final = 2

_HIDDEN = (
    "\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u20dd-\u20e0"
    "\u20e2-\u20e4\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff"
)
"""The characters that Unicode calls ignorable, such as soft hyphens and variation selectors, without joiners and Hangul
fillers; and the marks that enclose a character, such as a keycap. Never change it: stored documents depend on it."""

_RARE = "\U00010000-\U0001efff"
"""Scripts beyond the first 65,536 characters. A pattern that contains such characters is far slower than others."""

_find_hidden_or_rare = re.compile(f"[{_HIDDEN}{_RARE}]").search
_find_rare = re.compile(f"[{_RARE}]").search
_hide = re.compile(f"[{_HIDDEN}]+").sub

_JOINER, _NON_JOINER = "\u200d", "\u200c"
_DOTTED = "i\u0307"  # what `İ` is in lower case; a Turkish text writes it `i`
_find_first_words = re.compile(r"[^\W_]+(?:['’][^\W_]+)*").findall


def fold(text: str, tokeniser: int) -> str:
    """Return a text in lower case and, from the second tokeniser on, composed (NFC) and without invisible characters.

    `İ` becomes `i`, not an `i` with a second dot. No other characters are unified: `ß` stays, and so do wide letters.
    """
    lowered = text.lower()
    if tokeniser == FIRST or text.isascii():
        return lowered
    if _find_hidden_or_rare(lowered):
        lowered = _hide("", lowered)
    # lower case comes first because some letters have a composed form only in lower case
    composed = unicodedata.normalize("NFC", lowered)
    return composed.replace(_DOTTED, "i") if _DOTTED in composed else composed


def find_words(folded: str, tokeniser: int) -> list[str]:
    """Return the words of a text that `fold` returned."""
    if tokeniser == FIRST:
        return _find_first_words(folded)
    return _make_word(rare=_find_rare(folded) is not None).findall(folded.replace("_", " "))


@cache
def _make_word(*, rare: bool) -> re.Pattern[str]:
    """Return the pattern of a word: letters, digits and their marks; apostrophes and non-joiners between them.

    The rule is that of Unicode's word boundaries (UAX #29, WB4), which never cut before a mark or a joiner, but a word
    begins with a letter or digit, so a mark on anything else, such as on an emoji, belongs to no word.

    Args:
        rare: whether marks of rare scripts count too; in a text without rare scripts, both patterns find the same.
    """
    codes = [code for code in range(0x300, 0x1F000 if rare else 0x10000) if unicodedata.category(chr(code))[0] == "M"]
    runs = ([code for code, _ in run] for _, run in groupby(zip(codes, count()), key=lambda each: each[0] - each[1]))
    marks = "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in runs)
    part = rf"[^\W_][{marks}{_JOINER}\w]*"
    return re.compile(f"{part}(?:['’{_NON_JOINER}]{_NON_JOINER}*{part})*")
