"""Whole numbers that the environment gives."""

from collections.abc import Mapping

from pipeline.errors import DeploymentError


def read_number(environ: Mapping[str, str], variable: str, default: int) -> int:
    """Return a whole number from the environment, the default where the variable is missing or empty.

    Raises:
        DeploymentError: the variable holds something else.
    """
    text = environ.get(variable, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise DeploymentError(variable, f"{text!r} is not usable", "a whole number from 1 to 65535")
    return int(text)
