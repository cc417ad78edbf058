"""The two terminals of a command: stdout for what was asked for, stderr for all else."""

import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from pipeline.visible import escape_harmful

_PIPE_WIDTH = 10_000  # a pipe has no width to fold to


class SafeConsole(Console):
    """A console that no name from a file or a database can steer: what nobody sees is printed as its number."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a string to be printed, as all are that commands print; see `Console.render_str`."""
        return super().render_str(escape_harmful(text), **options)


console = SafeConsole(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
errors = SafeConsole(stderr=True)
