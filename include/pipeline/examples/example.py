"""One labelled text, and many of them by column."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from pipeline.errors import ExamplesError
from pipeline.examples.moments import Moments
from pipeline.visible import JOINERS, is_blank

LONGEST_TEXT: Final = 4_000_000
"""The most characters in a text, whether it is loaded or classified."""

LONGEST_COLLECTION: Final = 100
COLLECTION_CHARACTERS: Final = "1 to 100 letters, digits and signs of _ . : / -"


def name_collection(name: str) -> str:
    r"""Return a collection's name in Unicode NFC: letters with their marks, numbers, and `_ . : / -`.

    Unicode categories decide, because engines of regular expressions disagree about `\w`.

    Raises:
        ValueError: the name is not allowed; the message says what is.
    """
    composed = unicodedata.normalize("NFC", name)
    lengths = (len(name), len(composed))
    if min(lengths) < 1 or max(lengths) > LONGEST_COLLECTION or not all(map(_names_collections, composed)):
        raise ValueError(f"{name[:LONGEST_COLLECTION]!r} is not a valid collection name; write {COLLECTION_CHARACTERS}")
    return composed


def _names_collections(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LMN" or category == "Pc" or character in ".:/-" or character in JOINERS


def check_texts(texts: Sequence[str], where: str) -> None:
    """Check that texts can be classified: no text is too long, and none is empty or invisible.

    Raises:
        ExamplesError: says which one is empty, or how long one is and how long one may be.
    """
    longest = max(map(len, texts), default=0)
    if longest > LONGEST_TEXT:
        raise ExamplesError(where, f"one of {longest:,} characters", f"at most {LONGEST_TEXT:,}", "shorten or split it")
    for number, text in enumerate(texts, start=1):
        if is_blank(text):
            which = "the text" if len(texts) == 1 else f"text {number} of {len(texts):,}"
            raise ExamplesError(where, f"{which} is empty", "at least one visible character")


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text and when it occurred (UTC)."""

    text: str = field(repr=False)  # a traceback must not show it
    classification: str = field(repr=False)
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ExampleSet:
    """Examples by column, oldest first; all columns have the same length. Never changed, so threads may share it.

    Examples of one moment are in an order drawn from their texts (`pipeline.examples.ties`): the same in every process
    and for every order of loading, whatever their classes. `digests` are the rows' keyed digests, 16 bytes each: they
    identify examples without revealing them.
    """

    texts: Sequence[str] = field(repr=False)
    classifications: Sequence[str] = field(repr=False)
    occurred_at: Sequence[datetime]
    digests: Sequence[bytes] = field(repr=False)

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[Example]:
        return (Example(*row) for row in zip(self.texts, self.classifications, self.occurred_at, strict=True))

    def __getitem__(self, rows: slice) -> "ExampleSet":
        return ExampleSet(self.texts[rows], self.classifications[rows], self.occurred_at[rows], self.digests[rows])

    def take(self, rows: Sequence[int]) -> "ExampleSet":
        """Return the examples at these positions, which must be in ascending order."""
        return ExampleSet(
            [self.texts[row] for row in rows],
            [self.classifications[row] for row in rows],
            self.occurred_at.take(rows)
            if isinstance(self.occurred_at, Moments)
            else [self.occurred_at[row] for row in rows],
            [self.digests[row] for row in rows],
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """The examples of a collection that occurred in [start, end); both datetimes have an offset."""

    collection: str
    start: datetime
    end: datetime


class ExampleSource(Protocol):
    """Where datasets fetch examples from: the examples database, or a list in a test."""

    def fetch(self, selection: Selection) -> ExampleSet:
        """Return the examples of a selection in the order of an `ExampleSet`; empty if there are none.

        Raises:
            KeyRingError: a row cannot be decrypted.
        """
        ...
