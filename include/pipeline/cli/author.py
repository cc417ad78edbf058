"""Who runs a command, for histories."""

import os
from getpass import getuser


def name_user() -> str:
    """Return the user's name, or their number if the system has no name for it."""
    try:
        return getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
