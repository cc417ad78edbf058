"""Documents as bytes: the arrays and, as JSON text, the rest of the tree in safetensors, in one zstd frame.

safetensors (github.com/huggingface/safetensors) contains named arrays and nothing that could be executed.
"""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import DocumentError
from pipeline.serialisation.containers import check_keys, join
from pipeline.serialisation.json_document import require_room
from pipeline.serialisation.schema import Integer, refuse
from pipeline.serialisation.tree import ARRAY_TYPES, LIMIT_BYTES, MARKER, is_plain, parse_tree

MAGIC = b"\x28\xb5\x2f\xfd"
"""The first bytes of a zstd frame (RFC 8878) and so of a binary document."""

_TREE = "tree"
_LEVEL = -1  # unpacks twice as fast as level 1 and is nearly as small
_OVERHEAD_BYTES = 2**24  # that the container may take in addition to arrays and text
_LONGEST_HEADER = 2**20  # bytes; about a hundred describe one array
_LONGEST_TEXT = 2**28  # bytes; Python may need four for each


def write_binary(tree: Any) -> bytes:
    """Return a document's bytes; the same tree gives the same bytes.

    Raises:
        DocumentError: the arrays take more than can be read back.
    """
    from backports import zstd
    from safetensors.numpy import save

    arrays: list[NDArray[Any]] = []
    text = json.dumps(take_out_arrays(tree, arrays), allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    require_room(LIMIT_BYTES - sum(array.nbytes for array in arrays))
    tensors = {f"{number}": array for number, array in enumerate(arrays)}
    return zstd.compress(save({_TREE: np.frombuffer(text.encode(), np.uint8)} | tensors), _LEVEL)


def take_out_arrays(node: Any, arrays: list[NDArray[Any]]) -> Any:
    """Return the tree with each array replaced by its number, and append the arrays, by rows and little-endian."""
    if isinstance(node, np.ndarray):
        arrays.append(np.ascontiguousarray(node, dtype=node.dtype.newbyteorder("<")))
        return {MARKER: len(arrays) - 1}
    if isinstance(node, dict):
        return {key: take_out_arrays(value, arrays) for key, value in node.items()}
    if isinstance(node, list) and not is_plain(node):
        return [take_out_arrays(value, arrays) for value in node]
    return node


def read_binary(data: bytes, limit_bytes: int = LIMIT_BYTES) -> Any:
    """Return the tree of JSON values and arrays in a document's bytes; its arrays are read-only.

    Raises:
        DocumentError: the document is damaged or larger than `limit_bytes` once unpacked, or `parse_tree` refuses it.
    """
    tensors = _read_tensors(_decompress(data, limit_bytes + _OVERHEAD_BYTES))
    text = tensors.pop(_TREE, None)
    if text is None or text.dtype != np.uint8 or text.ndim != 1:
        refuse("", "no text besides the arrays", f"a tensor of bytes called {_TREE}")
    if text.nbytes > _LONGEST_TEXT:
        refuse("", f"a text of {text.nbytes} bytes", f"at most {_LONGEST_TEXT} besides the arrays")
    try:
        decoded = str(text.data, "utf-8")
    except UnicodeDecodeError:
        refuse("", "a text that is not UTF-8", "UTF-8")

    def take(node: dict[str, Any], path: str, left_bytes: int) -> NDArray[Any]:
        check_keys(node, (MARKER,), path)
        Integer(0).check(node[MARKER], path, {})
        array = tensors.pop(str(node[MARKER]), None)
        if array is None:
            refuse(
                path, "the number of an array that is missing or was used before", "one of the document's arrays, once"
            )
        if array.dtype.name not in ARRAY_TYPES:
            refuse(join(path, "dtype"), array.dtype.name, f"one of {', '.join(ARRAY_TYPES)}")
        if array.nbytes > left_bytes:
            refuse(path, f"an array of {array.nbytes} bytes", f"{left_bytes} bytes more in this document")
        return array

    tree = parse_tree(decoded, take, limit_bytes)
    if tensors:
        refuse("", f"{len(tensors)} arrays that no place refers to", "every array in exactly one place")
    return tree


def _decompress(data: bytes, limit_bytes: int) -> bytes:
    from backports import zstd

    try:
        decompressor = zstd.ZstdDecompressor()
        unpacked = decompressor.decompress(data, limit_bytes + 1)
        if len(unpacked) > limit_bytes:
            refuse("", "more bytes than a document may have", f"at most {limit_bytes} once unpacked")
        if decompressor.eof and not decompressor.unused_data:
            return unpacked
    except zstd.ZstdError:
        pass
    raise DocumentError("document", "broken zstd", "one whole frame", "export or copy it again")


def _read_tensors(data: bytes) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        # The first eight bytes are the header's length.
        if int.from_bytes(data[:8], "little") <= _LONGEST_HEADER:
            return load(data)
    except (SafetensorError, KeyError, TypeError, ValueError):  # the last three: a type that numpy does not have
        pass
    raise DocumentError("document", "broken safetensors", "arrays as `write_binary` writes them")
