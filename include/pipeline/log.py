"""Loggers of structlog, which is imported with the first event: a command that logs nothing does not wait for it."""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger


class _Logger:
    """Hands every call on to structlog's logger of that name, as structlog is configured at that moment."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, method: str) -> Any:
        return getattr(load_structlog().get_logger(self._name), method)


_stream: TextIO | None = None


def get_logger(name: str) -> "FilteringBoundLogger":
    """Return the logger of a module."""
    return cast("FilteringBoundLogger", _Logger(name))


def print_to(stream: TextIO) -> None:
    """Print on a stream whatever is logged from now on; structlog itself would print it on stdout."""
    global _stream
    _stream = stream


@cache
def load_structlog() -> Any:
    """Return structlog, configured to print where `print_to` said."""
    structlog = import_module("structlog")
    if _stream is not None:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(_stream))
    return structlog
