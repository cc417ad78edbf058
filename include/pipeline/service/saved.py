"""The documents that were served last, encrypted on this machine's disk: what the service starts from in need."""

import fcntl
import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

from pipeline.cache.sealing import Opener, Sealer, Unreadable
from pipeline.environment import Service
from pipeline.errors import PipelineError
from pipeline.examples.keyring import KeyRing
from pipeline.log import get_logger
from pipeline.serialisation.document import SplitDocument
from pipeline.service.source import Target

log = get_logger(__name__)

_FOLDER, _KEYS_FILE = Service.name_of("folder"), Service.name_of("keys_file")
_SIZE = Struct(">Q")


@dataclass(frozen=True, slots=True)
class SavedDocuments:
    """One file for each reference. A file that cannot be written or read is logged, and never stops the service."""

    folder: Path
    keyring: KeyRing

    def write(self, reference: str, target: Target, document: SplitDocument) -> str | None:
        """Save what a reference points at in place of what was saved before; return why not, or None."""
        head = {"target": target.to_dict(), "encoding": document.encoding, "split": document.adapter is not None}
        path = self._path(reference)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as file:
                try:
                    sealer = Sealer(cast("BinaryIO", file), self.keyring, _name(reference))
                    for part in (json.dumps(head).encode(), document.rest, document.adapter or b""):
                        sealer.seal(_SIZE.pack(len(part)))
                        sealer.seal(part)
                    file.flush()
                    os.fsync(file.fileno())
                    Path(file.name).replace(path)
                except BaseException:
                    with suppress(OSError):
                        Path(file.name).unlink()
                    raise
        except OSError as error:
            log.warning(
                "the document is not kept on disk", model=reference, reason=error.strerror, folder=str(self.folder)
            )
            return str(error.strerror)
        return None

    def read(self, reference: str) -> tuple[Target, SplitDocument] | None:
        """Return what was saved for a reference; None if there is nothing that can be read."""
        path = self._path(reference)
        try:
            with path.open("rb") as file:
                opener = Opener(file, self.keyring, _name(reference))
                head, rest, adapter = (_read_part(opener) for _ in range(3))
            told = json.loads(head)
            return Target(**told["target"]), SplitDocument(told["encoding"], adapter if told["split"] else None, rest)
        except FileNotFoundError:
            return None
        except (Unreadable, OSError, ValueError, KeyError, TypeError, MemoryError) as error:
            log.warning("a saved document cannot be read", model=reference, path=str(path), reason=type(error).__name__)
            return None

    def remove(self, reference: str) -> None:
        """Remove what was saved for a reference."""
        try:
            self._path(reference).unlink(missing_ok=True)
        except OSError as error:
            log.warning("a saved document cannot be removed", model=reference, reason=error.strerror)

    def _path(self, reference: str) -> Path:
        return self.folder / f"{hashlib.sha256(reference.encode()).hexdigest()[:16]}.document"


def open_saved(settings: Service) -> SavedDocuments | None:
    """Return where documents are kept, and make the missing key file; None if the settings name no place.

    Raises:
        PipelineError: the keys cannot be read or made.
    """
    if settings.folder is None or settings.keys_file is None:
        kept = {_FOLDER: settings.folder, _KEYS_FILE: settings.keys_file}
        missing = " and ".join(name for name, path in kept.items() if path is None)
        log.warning(
            "documents are not kept, so a start serves nothing while the source of models is down", not_set=missing
        )
        return None
    _make_keys(settings.keys_file)
    return SavedDocuments(settings.folder, KeyRing.from_file(settings.keys_file, _KEYS_FILE))


def _name(reference: str) -> str:
    return f"service {reference}"


def _read_part(opener: Opener) -> bytes:
    size = bytearray(_SIZE.size)
    opener.open_into(memoryview(size))
    data = bytearray(_SIZE.unpack(size)[0])
    opener.open_into(memoryview(data))
    return bytes(data)


def _make_keys(path: Path) -> None:
    """Make the key file unless it exists. Services that share a volume may start at the same moment."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            if not path.exists():
                KeyRing.generate().save(path)
        finally:
            os.close(folder)
    except OSError as error:
        next_step = "choose a folder that this user may write into"
        raise PipelineError(f"{_KEYS_FILE} ({path})", f"cannot be made ({error.strerror})", "", next_step) from None
