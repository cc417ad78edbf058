"""The two terminals of a command: stdout for its result, stderr for everything else."""

import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from pipeline.visible import escape_harmful

_PIPE_WIDTH = 10_000  # a pipe has no width to wrap at


class SafeConsole(Console):
    """A console that text from a file or a database cannot control: invisible characters are printed as escapes."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a printable string; commands print all strings through it; see `Console.render_str`."""
        return super().render_str(escape_harmful(text), **options)


console = SafeConsole(width=None if sys.stdout and sys.stdout.isatty() else _PIPE_WIDTH)
errors = SafeConsole(stderr=True)
