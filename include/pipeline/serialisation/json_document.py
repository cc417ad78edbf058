"""Documents as JSON text, with arrays in the compact form of json-tricks."""

import json
from typing import Any

import numpy as np

from pipeline.errors import DocumentError
from pipeline.serialisation.json_arrays import decode_array, encode_array
from pipeline.serialisation.tree import LIMIT_BYTES, is_plain, parse_tree


def write_json(tree: Any) -> str:
    """Return a document's JSON text; the same tree gives the same text.

    Raises:
        DocumentError: the arrays take more than can be read back.
    """
    prepared = _prepare(tree, [LIMIT_BYTES])
    return json.dumps(prepared, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _prepare(tree: Any, left_bytes: list[int]) -> Any:
    if isinstance(tree, np.ndarray):
        left_bytes[0] -= tree.nbytes
        require_room(left_bytes[0])
        return encode_array(tree)
    if isinstance(tree, dict):
        return {key: _prepare(value, left_bytes) for key, value in tree.items()}
    if isinstance(tree, list) and not is_plain(tree):
        return [_prepare(value, left_bytes) for value in tree]
    return tree


def require_room(left_bytes: int) -> None:
    """Refuse to write a document whose arrays could not be read back.

    Raises:
        DocumentError: `left_bytes`, what the limit leaves, is below 0.
    """
    if left_bytes < 0:
        raise DocumentError(
            "document",
            f"its arrays take more than {LIMIT_BYTES} bytes",
            next_step="train on fewer examples, or choose smaller vectors, fewer features, or shallower trees",
        )


def read_json(text: str, limit_bytes: int = LIMIT_BYTES) -> Any:
    """Return the tree of JSON values and arrays in a text; nothing else is ever made from it.

    Raises:
        DocumentError: `parse_tree` or `decode_array` refuses it.
    """
    return parse_tree(text, decode_array, limit_bytes)
