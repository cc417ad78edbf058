"""The tokens with which clients may ask the service."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.environment import Service
from pipeline.errors import PipelineError

INLINE, FILE = Service.name_of("tokens"), Service.name_of("tokens_file")
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]{20,}=*", re.ASCII)
_ALLOWED: Final = "each 20 or more letters, digits and signs of - . _ ~ + /"


@dataclass
class Tokens:
    """Whoever sends one of these tokens may ask. Only their digests are kept. Threads may share it."""

    path: Path | None = None
    _digests: frozenset[bytes] = frozenset()

    @classmethod
    def of(cls, settings: Service) -> "Tokens":
        """Return the tokens that the environment holds or names.

        Raises:
            PipelineError: see `read_tokens`.
        """
        return cls(None if settings.tokens else settings.tokens_file, _digest(read_tokens(settings)))

    def reload(self) -> bool:
        """Read the file again, if there is one; return whether other tokens are valid now.

        Raises:
            PipelineError: see `read_tokens`; the former tokens stay valid.
        """
        before = self._digests
        if self.path is not None:
            self._digests = _digest(_read_file(self.path))
        return self._digests != before

    @property
    def digests(self) -> list[str]:
        """The digests of the tokens in hexadecimal, for `accept`."""
        return sorted(digest.hex() for digest in self._digests)

    def accept(self, digests: Iterable[str]) -> None:
        """Accept the tokens with these digests, and no others."""
        self._digests = frozenset(map(bytes.fromhex, digests))

    def knows(self, authorization: bytes) -> bool:
        """Return whether an `Authorization` header has a token. The time that it takes reveals nothing of a token."""
        scheme, _, token = authorization.partition(b" ")
        return scheme.lower() == b"bearer" and hashlib.sha256(token.strip()).digest() in self._digests


def read_tokens(settings: Service) -> list[str]:
    """Return the tokens that the environment holds, or those in the file that it names: at least one.

    Raises:
        PipelineError: there is none, one is too short, or the file cannot be read or is open to others.
    """
    if settings.tokens:
        return _check(settings.tokens.split(","), INLINE)
    if settings.tokens_file is None:
        next_step = f"set it, for example to what `openssl rand -hex 24` prints, or set {FILE}"
        raise PipelineError(INLINE, "not set, so nobody could ask", _ALLOWED, next_step)
    return _read_file(settings.tokens_file)


def _read_file(path: Path) -> list[str]:
    where = f"{FILE} ({path})"
    try:
        mode = path.stat().st_mode & 0o777
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not ASCII"
        raise PipelineError(where, f"cannot be read ({reason})", "a file with one token a line") from None
    if mode & 0o077:
        what = f"has mode {mode:04o}, so others can read the tokens"
        raise PipelineError(where, what, "mode 0600", f"chmod 600 {path}")
    return _check([line for line in lines if not line.startswith("#")], where)


def _check(tokens: list[str], where: str) -> list[str]:
    given = [token.strip() for token in tokens if token.strip()]
    for number, token in enumerate(given, 1):
        if not _TOKEN.fullmatch(token):
            raise PipelineError(where, f"token {number} is too short, or has other characters", _ALLOWED)
    if not given:
        raise PipelineError(where, "holds no token", _ALLOWED)
    return given


def _digest(tokens: list[str]) -> frozenset[bytes]:
    return frozenset(hashlib.sha256(token.encode()).digest() for token in tokens)
