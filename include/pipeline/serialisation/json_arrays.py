"""Arrays in JSON documents, which json-tricks encodes and decodes in its compact form, one audited array at a time.

json-tricks trusts what a document states: it makes arrays of any type, unpacks any amount of data, and its other
decoders import whatever the document names. So each object that represents an array is audited here first, and no other
decoder of json-tricks is called. Encoding leaves two things to this module: the byte order, because json-tricks alters
big-endian numbers, and gzip, which json-tricks runs at its highest level on every array to save as little as a tenth.
"""

import math
import zlib
from base64 import b64decode, b64encode
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from pipeline.serialisation.containers import join
from pipeline.serialisation.schema import describe, refuse
from pipeline.serialisation.tree import ARRAY_TYPES, MARKER

_KEYS = {MARKER, "dtype", "shape", "Corder", "endian"}
_BYTE_ORDERS = ("little", "big")
_COMPACT = {
    "ndarray_compact": True,
    "ndarray_store_byteorder": "little",
    "compression": True,  # says that the text is compressed elsewhere, so json-tricks does not try gzip
}

_PLAIN, _PACKED = "b64:", "b64.gz:"
_MOST_DIMENSIONS = 4
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_CHUNK_BYTES = 2**12  # of gzip, which unpack to 2**22 at most

_SAMPLE_BYTES = 2**14
_WORTHWHILE = 1 / 4  # of the size before; reading four times as many bytes is faster than unpacking


def encode_array(array: NDArray[Any]) -> dict[str, Any]:
    """Return the object that represents an array: base64 of its bytes, after gzip if that shrinks them well."""
    from json_tricks import numpy_encode

    # json-tricks assumes this machine's byte order, whatever an array's own is
    native = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    node: dict[str, Any] = numpy_encode(native, properties=_COMPACT)
    data = native.astype(native.dtype.newbyteorder("<"), copy=False).tobytes()
    if len(zlib.compress(_sample(data), 1)) < _WORTHWHILE * min(len(data), 3 * _SAMPLE_BYTES):
        packer = zlib.compressobj(wbits=_GZIP_WINDOW)
        node[MARKER] = _PACKED + b64encode(packer.compress(data) + packer.flush()).decode()
    return node


def _sample(data: bytes) -> bytes:
    """Return the data or, of a lot of data, its beginning, middle and end."""
    if len(data) <= 3 * _SAMPLE_BYTES:
        return data
    middle = (len(data) - _SAMPLE_BYTES) // 2
    return data[:_SAMPLE_BYTES] + data[middle : middle + _SAMPLE_BYTES] + data[-_SAMPLE_BYTES:]


def decode_array(node: dict[str, Any], path: str, limit_bytes: int) -> NDArray[Any]:
    """Return the array that a compact json-tricks object represents, in this machine's byte order.

    Raises:
        DocumentError: not of that form, of a type that is not allowed, larger than `limit_bytes`, or damaged.
    """
    from json_tricks import json_numpy_obj_hook

    size_bytes = _audit_form(node, path, limit_bytes)
    _audit_data(node.get(MARKER), path, size_bytes)
    try:
        array: NDArray[Any] = json_numpy_obj_hook(node)
    except ValueError:  # base64 with other characters in it, which json-tricks ignores
        _refuse_data(path, "broken base64", size_bytes)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _audit_form(node: dict[str, Any], path: str, limit_bytes: int) -> int:
    """Refuse what is not an array of an allowed type and size; return how many bytes its numbers take."""
    if not node.keys() <= _KEYS:
        refuse(path, "an array with unknown keys", f"an array with the keys {', '.join(sorted(_KEYS))}")
    if node.get("Corder", True) is not True:
        refuse(join(path, "Corder"), describe(node["Corder"]), "true (rows first)")
    name, order = node.get("dtype"), node.get("endian")
    if not isinstance(name, str) or name not in ARRAY_TYPES:
        refuse(join(path, "dtype"), _name(name), f"one of {', '.join(ARRAY_TYPES)}")
    if not isinstance(order, str) or order not in _BYTE_ORDERS:
        refuse(join(path, "endian"), _name(order), f"one of {', '.join(_BYTE_ORDERS)}")
    shape = node.get("shape")
    valid = (
        isinstance(shape, list)
        and 1 <= len(shape) <= _MOST_DIMENSIONS
        and all(isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**31 for size in shape)
    )
    if not valid:
        refuse(join(path, "shape"), describe(shape), f"1 to {_MOST_DIMENSIONS} sizes from 0 to {2**31 - 1}")
    size_bytes: int = math.prod(node["shape"]) * np.dtype(name).itemsize
    if size_bytes > limit_bytes:
        refuse(path, f"an array of {size_bytes} bytes", f"{limit_bytes} bytes more in this document")
    return size_bytes


def _name(value: Any) -> str:
    return repr(value[:40]) if isinstance(value, str) else describe(value)


def _audit_data(data: Any, path: str, size_bytes: int) -> None:
    """Refuse data that would unpack to more or fewer bytes than the shape needs, or that is not gzip."""
    if not isinstance(data, str) or not data.startswith((_PLAIN, _PACKED)):
        _refuse_data(path, describe(data), size_bytes)
    if data.startswith(_PLAIN):
        fits = len(data) - len(_PLAIN) == 4 * -(-size_bytes // 3)
    else:
        try:
            fits = _is_gzip_of(b64decode(data.removeprefix(_PACKED), validate=True), size_bytes)
        except (ValueError, zlib.error):
            _refuse_data(path, "broken base64 or gzip", size_bytes)
    if not fits:
        _refuse_data(path, "more or fewer bytes than its shape needs", size_bytes)


def _is_gzip_of(packed: bytes, size_bytes: int) -> bool:
    """Return whether data is one whole gzip member of this many bytes, unpacked in small parts that are not kept."""
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    left_bytes = size_bytes
    for start in range(0, len(packed), _CHUNK_BYTES):
        if unpacker.eof:
            return False
        left_bytes -= len(unpacker.decompress(memoryview(packed)[start : start + _CHUNK_BYTES], left_bytes + 1))
        if left_bytes < 0:
            return False
    return unpacker.eof and left_bytes == 0 and not unpacker.unused_data


def _refuse_data(path: str, found: str, size_bytes: int) -> NoReturn:
    refuse(path, found, f"{size_bytes} bytes in base64, after {_PLAIN} or {_PACKED}")
