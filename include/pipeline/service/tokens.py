"""The tokens with which clients may ask the service."""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipeline.environment import Service
from pipeline.errors import PipelineError

INLINE, FILE = "PIPELINE_SERVICE_TOKENS", "PIPELINE_SERVICE_TOKENS_FILE"
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]{20,}=*", re.ASCII)
_ALLOWED: Final = "each 20 or more letters, digits and signs of - . _ ~ + /"


@dataclass
class Tokens:
    """Whoever sends one of these tokens may ask. Only their digests are kept. Threads may share it."""

    path: Path | None
    _digests: frozenset[bytes] = frozenset()
    _changed_ns: int = field(default=0, repr=False)

    @classmethod
    def of(cls, settings: Service) -> "Tokens":
        """Return the tokens that the environment holds or names.

        Raises:
            PipelineError: there is none, one is too short, or the file cannot be read or is open to others.
        """
        if settings.tokens:
            return cls(None, _digest(settings.tokens.split(","), INLINE))
        if settings.tokens_file is None:
            raise PipelineError(INLINE, "not set, so nobody could ask", _ALLOWED, f"set it, or {FILE}")
        tokens = cls(settings.tokens_file)
        tokens.reload()
        return tokens

    def reload(self) -> None:
        """Read the file again if it has changed.

        Raises:
            PipelineError: it cannot be read, is open to others, or holds no valid token; the former tokens stay valid.
        """
        if self.path is None:
            return
        where = f"{FILE} ({self.path})"
        try:
            found = self.path.stat()
            if found.st_mtime_ns == self._changed_ns:
                return
            if found.st_mode & 0o077:
                what = f"has mode {found.st_mode & 0o777:04o}, so others can read the tokens"
                raise PipelineError(where, what, "mode 0600", f"chmod 600 {self.path}")
            lines = self.path.read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not ASCII"
            raise PipelineError(where, f"cannot be read ({reason})", "a file with one token a line") from None
        self._digests = _digest([line for line in lines if not line.startswith("#")], where)
        self._changed_ns = found.st_mtime_ns

    def knows(self, authorization: bytes) -> bool:
        """Return whether an `Authorization` header has a token. The time that it takes reveals nothing of a token."""
        scheme, _, token = authorization.partition(b" ")
        return scheme.lower() == b"bearer" and hashlib.sha256(token.strip()).digest() in self._digests


def _digest(tokens: list[str], where: str) -> frozenset[bytes]:
    given = [token.strip() for token in tokens if token.strip()]
    for number, token in enumerate(given, 1):
        if not _TOKEN.fullmatch(token):
            raise PipelineError(where, f"token {number} is too short, or has other characters", _ALLOWED)
    if not given:
        raise PipelineError(where, "holds no token", _ALLOWED)
    return frozenset(hashlib.sha256(token.encode()).digest() for token in given)
