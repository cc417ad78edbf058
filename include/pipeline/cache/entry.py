"""One entry of the cache: JSON values and numpy arrays, encrypted, with the seconds that it took to make them."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pipeline.cache.sealing import Opener, Sealer
from pipeline.examples.keyring import KeyRing
from pipeline.serialisation.binary_document import take_out_arrays
from pipeline.serialisation.tree import MARKER

_SIZE = Struct(">Q")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that was read.

    Attributes:
        tree: JSON values and arrays; None if making them again takes no longer than reading them.
        made_seconds: how long it took to make.
        read_seconds: how long it took to read here.
    """

    tree: Any
    made_seconds: float
    read_seconds: float


class PackedEntry:
    """An entry to be written: a head in JSON, then the bytes of each array."""

    def __init__(self, tree: Any, made_seconds: float) -> None:
        self._arrays: list[NDArray[Any]] = []
        tree = take_out_arrays(tree, self._arrays)
        arrays = [(array.dtype.str, array.shape) for array in self._arrays]
        head = {"tree": tree, "arrays": arrays, "made_seconds": made_seconds}
        # texts may contain a lone surrogate, which UTF-8 cannot encode
        self._head = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")
        self.size_bytes = len(self._head) + sum(array.nbytes for array in self._arrays)

    def write(self, file: BinaryIO, keyring: KeyRing, name: str) -> None:
        """Encrypt the entry into a file."""
        sealer = Sealer(file, keyring, name)
        sealer.seal(_SIZE.pack(len(self._head)))
        sealer.seal(self._head)
        for array in self._arrays:
            sealer.seal(_look_into(array))


def read_entry(file: BinaryIO, keyring: KeyRing, name: str) -> Entry:
    """Return the entry in a file.

    Raises:
        Unreadable: it is incomplete, has another name, or is not encrypted with the current key.
    """
    started = time.perf_counter()
    opener = Opener(file, keyring, name)
    size = bytearray(_SIZE.size)
    opener.open_into(memoryview(size))
    text = bytearray(_SIZE.unpack(size)[0])
    opener.open_into(memoryview(text))
    head = json.loads(text.decode(errors="surrogatepass"))
    arrays = [np.empty(shape, dtype) for dtype, shape in head["arrays"]]
    for array in arrays:
        opener.open_into(_look_into(array))
    return Entry(_put_back(head["tree"], arrays), head["made_seconds"], time.perf_counter() - started)


def _look_into(array: NDArray[Any]) -> memoryview:
    """Return an array's memory as bytes."""
    return array.reshape(-1).view(np.uint8).data.cast("B")


def _put_back(node: Any, arrays: Sequence[NDArray[Any]]) -> Any:
    if isinstance(node, dict):
        if MARKER in node:
            return arrays[node[MARKER]]
        return {key: _put_back(value, arrays) for key, value in node.items()}
    # only short lists of parts contain arrays; long lists of words or numbers are left unchanged
    if isinstance(node, list) and node and isinstance(node[0], dict | list):
        return [_put_back(value, arrays) for value in node]
    return node
