"""Loggers of structlog, which is imported at the first event: a command that logs nothing does not load it."""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger


class _Logger:
    """Passes every call to structlog's logger of that name, as structlog is configured at the time of the call."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, method: str) -> Any:
        return getattr(load_structlog().get_logger(self._name), method)


_stream: TextIO | None = None


def get_logger(name: str) -> "FilteringBoundLogger":
    """Return the logger of a module."""
    return cast("FilteringBoundLogger", _Logger(name))


def print_to(stream: TextIO) -> None:
    """Print everything that is logged from now on to a stream; structlog would print it to stdout."""
    global _stream
    _stream = stream


@cache
def load_structlog() -> Any:
    """Return structlog, configured to print to the stream of `print_to`."""
    structlog = import_module("structlog")
    if _stream is not None:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(_stream))
    return structlog
