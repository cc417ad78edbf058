"""Who changes what is stored, for journals and histories."""

from typing import Final, NamedTuple

from pipeline.errors import PipelineError

LONGEST_REASON: Final = 1_000
"""Characters."""


class Author(NamedTuple):
    """Who changes something, and why."""

    name: str
    reason: str


def check_reason(reason: str) -> str:
    """Return a reason as it is stored.

    Raises:
        PipelineError: it is empty or too long.
    """
    text = reason.strip().replace("\0", "")
    if not text or len(text) > LONGEST_REASON:
        what = "no reason given" if not text else f"has {len(text):,} characters"
        raise PipelineError("reason", what, f"1 to {LONGEST_REASON:,} characters that say why")
    return text
