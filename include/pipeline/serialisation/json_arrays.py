"""Arrays in json-tricks' compact form, written and read without json-tricks.

Its decoder trusts the type, the shape and the size that the document states, and its siblings import whatever the
document names; this one allows four types and unpacks no more than the shape needs. Its encoder compresses whatever
shrinks by a tenth, as hard as gzip can, which costs far more than it saves.
"""

import math
import zlib
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pybase64 import b64decode, b64encode_as_string

from pipeline.serialisation.containers import join
from pipeline.serialisation.schema import describe, refuse
from pipeline.serialisation.tree import ARRAY_TYPES, MARKER

_KEYS = {MARKER, "dtype", "shape", "Corder", "endian"}
_BYTE_ORDERS: dict[str, Literal["<", ">"]] = {"little": "<", "big": ">"}

_MOST_DIMENSIONS = 4
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


_SAMPLE_BYTES = 2**14
_WORTHWHILE = 1 / 4  # of what it was; unpacking is slower than reading four times as much


def encode_array(array: NDArray[Any]) -> dict[str, Any]:
    """Return the object that stands for an array: base64 of its bytes, after gzip where that shrinks it well."""
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    data = little.tobytes()
    form = "b64"
    if len(zlib.compress(_sample(data), 1)) < _WORTHWHILE * min(len(data), 3 * _SAMPLE_BYTES):
        form, packer = "b64.gz", zlib.compressobj(wbits=_GZIP_WINDOW)
        data = packer.compress(data) + packer.flush()
    node = {
        MARKER: f"{form}:{b64encode_as_string(data)}",
        "dtype": array.dtype.name,
        "shape": list(array.shape),
    }
    return node | ({"Corder": True} if array.ndim > 1 else {}) | {"endian": "little"}


def _sample(data: bytes) -> bytes:
    """Return the data, or where that is much its beginning, middle and end."""
    if len(data) <= 3 * _SAMPLE_BYTES:
        return data
    middle = (len(data) - _SAMPLE_BYTES) // 2
    return data[:_SAMPLE_BYTES] + data[middle : middle + _SAMPLE_BYTES] + data[-_SAMPLE_BYTES:]


def decode_array(node: dict[str, Any], path: str, limit_bytes: int) -> NDArray[Any]:
    """Return the array that a compact json-tricks object stands for; it may be read-only.

    Raises:
        DocumentError: not of that form, of a type that is not allowed, larger than `limit_bytes`, or damaged.
    """
    if not node.keys() <= _KEYS:
        refuse(path, "an array with unknown keys", f"an array with the keys {', '.join(sorted(_KEYS))}")
    if node.get("Corder", True) is not True:
        refuse(join(path, "Corder"), describe(node["Corder"]), "true (rows first)")
    name, order = node.get("dtype"), node.get("endian")
    if not isinstance(name, str) or name not in ARRAY_TYPES:
        refuse(join(path, "dtype"), _name(name), f"one of {', '.join(ARRAY_TYPES)}")
    if not isinstance(order, str) or order not in _BYTE_ORDERS:
        refuse(join(path, "endian"), _name(order), f"one of {', '.join(_BYTE_ORDERS)}")
    shape = _decode_shape(node.get("shape"), join(path, "shape"))
    dtype = np.dtype(name).newbyteorder(_BYTE_ORDERS[order])
    size_bytes = math.prod(shape) * dtype.itemsize
    if size_bytes > limit_bytes:
        refuse(path, f"an array of {size_bytes} bytes", f"{limit_bytes} bytes more in this document")
    data = _unpack(node.get(MARKER), path, size_bytes)
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _name(value: Any) -> str:
    return repr(value[:40]) if isinstance(value, str) else describe(value)


def _decode_shape(shape: Any, path: str) -> tuple[int, ...]:
    valid = (
        isinstance(shape, list)
        and 1 <= len(shape) <= _MOST_DIMENSIONS
        and all(isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**31 for size in shape)
    )
    if not valid:
        refuse(path, describe(shape), f"1 to {_MOST_DIMENSIONS} sizes from 0 to {2**31 - 1}")
    return tuple(shape)


def _unpack(data: Any, path: str, size_bytes: int) -> bytes:
    allowed = f"{size_bytes} bytes in base64, after b64: or b64.gz:"
    if not isinstance(data, str) or not data.startswith(("b64:", "b64.gz:")):
        refuse(path, describe(data), allowed)
    form, _, encoded = data.partition(":")
    try:
        packed = b64decode(encoded, validate=True)
    except ValueError:
        refuse(path, "broken base64", allowed)
    if form == "b64":
        unpacked, whole = packed, True
    else:
        unpacker = zlib.decompressobj(_GZIP_WINDOW)
        try:
            unpacked = unpacker.decompress(packed, size_bytes + 1)
            # With every byte out, the end mark and the checksum may still wait to be read.
            unpacked += unpacker.decompress(unpacker.unconsumed_tail, 1)
        except zlib.error:
            refuse(path, "broken gzip", allowed)
        whole = unpacker.eof and not unpacker.unused_data
    if not whole or len(unpacked) != size_bytes:
        refuse(path, "more or fewer bytes than its shape needs", allowed)
    return unpacked
