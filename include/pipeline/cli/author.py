"""Who runs a command, for histories."""

import os
from getpass import getuser

from pipeline.stores.author import Author, check_reason


def name_user() -> str:
    """Return the user's name, or their number if the system has no name for it."""
    try:
        return getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def make_author(why: str) -> Author:
    """Return the user with the reason that they give.

    Raises:
        PipelineError: the reason is empty or too long.
    """
    return Author(name_user(), check_reason(why))
