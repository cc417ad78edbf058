"""The keys that encrypt examples, and where a process gets them from."""

import base64
import binascii
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Self

from pipeline.environment import EXAMPLES_KEYS, EXAMPLES_KEYS_FILE, ExamplesKeys
from pipeline.errors import KeyRingError

FORMAT = (
    "one `id:base64 of 32 bytes` a line (or separated by commas), the current key first, "
    "and one `digest:base64 of 32 bytes`"
)
KEY_BYTES = 32
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Key:
    """An AES-256 key and the id by which rows name it."""

    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Return a random key whose id begins with today's date."""
        return cls(f"{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(4)}", secrets.token_bytes(KEY_BYTES))


class KeyRing:
    """The keys by id, and the digest key that identifies rows.

    The digest key is never rotated: with another one, a row loaded again would count as a new row. `reload` and `add`
    change a key ring in place and keep all its keys, so threads may look up keys at the same time.

    Args:
        keys: at least one key; the first is the current one, which encrypts new rows.
        digest_key: 32 bytes.
        path: the file that the keys came from and that `reload` reads again; None if they came from the environment.
    """

    def __init__(self, keys: Sequence[Key], digest_key: bytes, path: Path | None = None) -> None:
        self.current = keys[0]
        self.digest_key = digest_key
        self.path = path
        self._keys = {key.id: key for key in keys}

    @property
    def origin(self) -> str:
        """Where the keys come from, for messages."""
        return f"{EXAMPLES_KEYS_FILE} ({self.path})" if self.path else EXAMPLES_KEYS

    @property
    def ids(self) -> list[str]:
        """The ids of all keys, the current one first."""
        return [self.current.id, *(key_id for key_id in self._keys if key_id != self.current.id)]

    def __repr__(self) -> str:
        return f"KeyRing(ids={self.ids})"

    def __contains__(self, key_id: object) -> bool:
        return key_id in self._keys

    def __getitem__(self, key_id: str) -> Key:
        """Return the key `key_id`; if it is unknown, read the file again first.

        Raises:
            KeyRingError: there is no such key.
        """
        if key_id not in self._keys:
            self.reload()
        try:
            return self._keys[key_id]
        except KeyError:
            raise KeyRingError(
                self.origin,
                f"has no key {key_id!r}, which examples are encrypted with",
                f"it holds {', '.join(self.ids)}",
                f"put the key {key_id!r} back, after the current one",
            ) from None

    def reload(self) -> None:
        """Read the file again, if there is one; keys that were removed from it stay known to this process.

        A reader may still hold a snapshot of rows from before they were re-encrypted.

        Raises:
            KeyRingError: the file cannot be read, or its digest key has changed.
        """
        if self.path is None:
            return
        fresh = KeyRing.from_file(self.path)
        if fresh.digest_key != self.digest_key:
            raise KeyRingError(
                self.origin,
                "the digest key has changed while the file was in use",
                "it identifies rows, so it never changes",
                "restore the former `digest:` line",
            )
        self.current = fresh.current
        self._keys |= {key_id: fresh[key_id] for key_id in fresh.ids}

    @classmethod
    def generate(cls) -> Self:
        """Return a key ring of one random key and a random digest key."""
        return cls([Key.generate()], secrets.token_bytes(KEY_BYTES))

    @classmethod
    def create(cls, keys: ExamplesKeys) -> Path:
        """Write a new key ring into the file that the environment names, unless it exists; return its path.

        Raises:
            KeyRingError: the environment names no file, or the existing file is not a key ring.
        """
        path = keys.file
        if path is None:
            raise KeyRingError(EXAMPLES_KEYS_FILE, "not set", "the path of a file to make", f"set {EXAMPLES_KEYS_FILE}")
        if path.exists():
            return cls.from_file(path).path or path
        cls.generate().save(path)
        return path

    @classmethod
    def of(cls, keys: ExamplesKeys) -> Self:
        """Return the key ring that the environment holds or names.

        Raises:
            KeyRingError: neither variable is set, both are, or the keys are malformed.
        """
        if keys.inline and keys.file:
            raise KeyRingError(EXAMPLES_KEYS, f"set together with {EXAMPLES_KEYS_FILE}", "one of the two", "unset one")
        if keys.file:
            return cls.from_file(keys.file)
        if keys.inline:
            return cls.from_text(keys.inline, EXAMPLES_KEYS)
        raise KeyRingError(
            EXAMPLES_KEYS_FILE,
            "not set, so examples cannot be encrypted or read",
            f"the path of a file that holds {FORMAT}; or {EXAMPLES_KEYS} with the keys themselves",
            "`pipeline up` makes such a file",
        )

    @classmethod
    def from_file(cls, path: Path, variable: str = EXAMPLES_KEYS_FILE) -> Self:
        """Return the key ring in a file that only its owner may read; messages name the file by its `variable`.

        Raises:
            KeyRingError: the file cannot be read, is open to others, or is malformed.
        """
        try:
            with path.open(encoding="ascii") as file:
                mode = os.fstat(file.fileno()).st_mode & 0o777
                text = file.read()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a text file"
            raise KeyRingError(
                f"{variable} ({path})", f"cannot be read ({reason})", f"a file that holds {FORMAT}"
            ) from None
        if mode & 0o077:
            raise KeyRingError(
                f"{variable} ({path})",
                f"has mode {mode:04o}, so others can read the keys",
                "mode 0600",
                f"chmod 600 {path}",
            )
        keyring = cls.from_text(text, f"{variable} ({path})")
        keyring.path = path.absolute()
        return keyring

    @classmethod
    def from_text(cls, text: str, where: str) -> Self:
        """Parse the text form of a key ring; `where` names its place in messages.

        Raises:
            KeyRingError: an entry is malformed; the message gives its number and never a key.
        """
        keys: dict[str, Key] = {}
        digest_key: bytes | None = None
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        entries = [entry for entry in re.split(r"[,\s]+", "\n".join(lines)) if entry]
        for number, entry in enumerate(entries, 1):
            key_id, colon, encoded = entry.partition(":")
            if not colon or not _KEY_ID.fullmatch(key_id):
                raise KeyRingError(where, f"entry {number} has no valid key id before its colon", FORMAT)
            try:
                secret = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                raise KeyRingError(where, f"the key {key_id!r} is not base64", FORMAT) from None
            if len(secret) != KEY_BYTES:
                raise KeyRingError(where, f"the key {key_id!r} has {len(secret)} bytes", FORMAT)
            if key_id in keys or (key_id == _DIGEST and digest_key):
                raise KeyRingError(where, f"the key {key_id!r} appears twice", FORMAT)
            if key_id == _DIGEST:
                digest_key = secret
            else:
                keys[key_id] = Key(key_id, secret)
        if not keys:
            raise KeyRingError(where, "holds no key", FORMAT)
        if digest_key is None:
            raise KeyRingError(where, "holds no digest key", FORMAT)
        return cls(list(keys.values()), digest_key)

    def to_text(self) -> str:
        """Return the text form, current key first."""
        entries = [(key_id, self._keys[key_id].secret) for key_id in self.ids]
        return "".join(
            f"{name}:{base64.b64encode(secret).decode()}\n" for name, secret in [*entries, (_DIGEST, self.digest_key)]
        )

    def save(self, path: Path) -> None:
        """Write the file with mode 0600, atomically; `path` becomes this key ring's file.

        It is on the disk when this returns, because rows are encrypted with a new key right after.

        Raises:
            KeyRingError: the file cannot be written.
        """
        path = path.resolve()
        try:
            with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
                try:
                    file.write(self.to_text())  # NamedTemporaryFile makes it 0600
                    file.flush()
                    os.fsync(file.fileno())
                    Path(file.name).replace(path)
                except BaseException:
                    Path(file.name).unlink(missing_ok=True)
                    raise
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise KeyRingError(str(path), f"cannot be written ({error.strerror})") from None
        self.path = path

    def add(self, key: Key) -> None:
        """Make `key` the current one."""
        self._keys[key.id] = key
        self.current = key

    def without(self, ids: Sequence[str]) -> "KeyRing":
        """Return a key ring without the keys `ids`; the current key always stays."""
        kept = [self._keys[key_id] for key_id in self.ids if key_id == self.current.id or key_id not in ids]
        return KeyRing(kept, self.digest_key, self.path)
