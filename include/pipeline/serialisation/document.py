"""A document in either encoding, whole or split into its adapter and the rest, as a store keeps it."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline.errors import DocumentError
from pipeline.serialisation.binary_document import MAGIC, read_binary, write_binary
from pipeline.serialisation.containers import Record
from pipeline.serialisation.json_document import read_json, write_json
from pipeline.serialisation.schema import Text, audit
from pipeline.serialisation.tree import LIMIT_BYTES

ENCODINGS = ("json", "binary")
"""JSON text in UTF-8, or compressed safetensors."""


def write_document(tree: Any, encoding: str) -> bytes:
    """Return a document's bytes in an encoding; the same tree gives the same bytes.

    Raises:
        DocumentError: the arrays take more than can be read back.
    """
    return write_binary(tree) if encoding == "binary" else write_json(tree).encode()


def read_document(data: bytes, limit_bytes: int = LIMIT_BYTES) -> Any:
    """Return the tree of a document in either encoding; its first bytes say which.

    Raises:
        DocumentError: the document has neither encoding, is damaged, or is larger than `limit_bytes`.
    """
    if data.startswith(MAGIC):
        return read_binary(data, limit_bytes)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise DocumentError("document", "neither JSON in UTF-8 nor a zstd frame", "what `export` wrote") from None
    return read_json(text, limit_bytes)


@dataclass(frozen=True)
class SplitDocument:
    """A document in two pieces of one encoding: the adapter, which many models may share, and the rest.

    In the rest, the SHA-256 of the adapter's bytes takes its place. Documents of format 1 are not split: their
    `adapter` is None.
    """

    encoding: str
    adapter: bytes | None
    rest: bytes

    @cached_property
    def adapter_sha256(self) -> bytes | None:
        """The SHA-256 of the adapter's bytes, under which it is stored."""
        return None if self.adapter is None else hashlib.sha256(self.adapter).digest()

    @cached_property
    def sha256(self) -> bytes:
        """The SHA-256 of the rest, which identifies the whole because the rest contains that of the adapter."""
        return hashlib.sha256(self.rest).digest()

    @property
    def size_bytes(self) -> int:
        """The size of both pieces."""
        return len(self.rest) + len(self.adapter or b"")


def split_document(tree: dict[str, Any], encoding: str) -> SplitDocument:
    """Return a document in its two pieces.

    Raises:
        DocumentError: the arrays take more than can be read back.
    """
    adapter = write_document(tree["adapter"], encoding)
    named = {"sha256": hashlib.sha256(adapter).hexdigest()}
    return SplitDocument(encoding, adapter, write_document(tree | {"adapter": named}, encoding))


def join_document(document: SplitDocument) -> Any:
    """Return the tree of a document that was split.

    Raises:
        DocumentError: either piece is refused, or they do not belong together.
    """
    rest = read_document(document.rest)
    if document.adapter is None or document.adapter_sha256 is None:
        return rest
    named = rest.get("adapter") if isinstance(rest, dict) else None
    audit(named, Record({"sha256": Text((document.adapter_sha256.hex(),))}), "adapter")
    return rest | {"adapter": read_document(document.adapter)}


def join_bytes(document: SplitDocument, encoding: str) -> list[bytes]:
    """Return the bytes of a document that was split, in pieces: what `write_document` gives for its tree.

    Raises:
        DocumentError: either piece is refused, or they do not belong together.
    """
    if encoding != document.encoding or encoding == "binary":
        return [write_document(join_document(document), encoding)]
    if document.adapter is None or document.adapter_sha256 is None:
        return [document.rest]
    # JSON needs no parsing: the adapter is inserted in its place, which saves time if it is large
    name = f'"adapter":{{"sha256":"{document.adapter_sha256.hex()}"}}'.encode()
    before, found, after = document.rest.partition(name)
    if not found:
        return [write_document(join_document(document), encoding)]
    return [before, b'"adapter":', document.adapter, after]
