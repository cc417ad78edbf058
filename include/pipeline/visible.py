"""What may be printed: invisible characters are escaped, and logins in addresses hidden.

A text that has only invisible characters counts as empty.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

JOINERS: Final = "\u200c\u200d"
"""Zero-width joiners and non-joiners, which are part of the spelling of Persian, the languages of India and emoji."""

# Characters of other categories that a font draws nothing for, as Unicode's property Default_Ignorable_Code_Point names
# them, and the empty Braille pattern. https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)
_UNSEEN = frozenset(("Cc", "Cf", "Zl", "Zp", "Zs"))
_HARMFUL = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_LOGIN = re.compile(r"//[^/\s]*@")  # up to the last @: a password may contain one
_LAYOUT = "\n\t"
_ASCII_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@lru_cache(4096)
def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN or _BLANK.match(character) is not None


def is_blank(text: str) -> bool:
    """Return whether a text is invisible: empty, or only white space, control, format and filler characters."""
    return all(map(_is_unseen, text))


@lru_cache(4096)
def is_harmful(character: str) -> bool:
    """Return whether a character changes how others are shown, as line ends, escapes and changes of direction do.

    The joiners do not.
    """
    return unicodedata.category(character) in _HARMFUL and character not in JOINERS


def escape_harmful(text: str) -> str:
    r"""Return a printable text: harmful characters except line feeds and tabs become JSON escapes such as `\u202e`."""
    if text.isascii() and not _ASCII_CONTROL.search(text):
        return text
    return "".join(_escape(each) if each not in _LAYOUT and is_harmful(each) else each for each in text)


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def hide_login(text: str) -> str:
    """Return a text in which the user and password of each address are replaced by `***`."""
    return _LOGIN.sub("//***@", text)
