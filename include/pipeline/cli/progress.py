"""A progress bar over a file's bytes."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from pipeline.cli.console import errors
from pipeline.loading.source_file import Progress as OnProgress


@contextmanager
def show_progress(name: str, hidden: bool = False) -> Iterator[OnProgress]:
    """Show a bar on stderr while the block runs, if that is a terminal, and yield what moves it."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, disable=hidden or not errors.is_terminal, transient=True) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
