"""Arrays as json-tricks writes them in compact form, decoded without json-tricks.

json-tricks' own decoder trusts the type, the shape and the size that the document states, and its siblings
import whatever the document names. This one allows four types and unpacks no more than the shape needs.
"""

import math
import zlib
from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.serialisation.containers import join
from pipeline.serialisation.schema import describe, refuse
from pipeline.serialisation.tree import ARRAY_TYPES, MARKER

_KEYS = {MARKER, "dtype", "shape", "Corder", "endian"}
_BYTE_ORDERS: dict[str, Literal["<", ">"]] = {"little": "<", "big": ">"}

_MOST_DIMENSIONS = 4
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


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
        packed = a2b_base64(encoded, strict_mode=True)
    except (Base64Error, ValueError):
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
