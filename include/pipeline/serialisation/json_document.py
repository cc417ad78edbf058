"""Documents as JSON text, with arrays in json-tricks' compact numpy encoding."""

import json
import math
from typing import Any

import numpy as np

from pipeline.errors import DocumentError
from pipeline.serialisation.containers import join
from pipeline.serialisation.json_arrays import MARKER, decode_array
from pipeline.serialisation.schema import describe, refuse

LIMIT_BYTES = 2**30
"""A document's arrays may take this much memory once unpacked, and its text this many characters."""

_DEEPEST = 8


def write_json(tree: Any) -> str:
    """Return a document's JSON text; the same tree gives the same text.

    Raises:
        DocumentError: the arrays take more than can be read back.
    """
    from json_tricks import dumps
    from json_tricks.encoders import numpy_encode

    text: str = dumps(
        _prepare(tree, [LIMIT_BYTES]),
        obj_encoders=[numpy_encode],
        properties={"ndarray_compact": True, "ndarray_store_byteorder": "little"},
        allow_nan=False,
        separators=(",", ":"),
    )
    return text


def _prepare(tree: Any, left_bytes: list[int]) -> Any:
    if isinstance(tree, np.ndarray):
        left_bytes[0] -= tree.nbytes
        if left_bytes[0] < 0:
            raise DocumentError(
                "document",
                f"its arrays take more than {LIMIT_BYTES} bytes",
                next_step="train on fewer examples, a shorter sequence_length, or pooling mean",
            )
        return np.ascontiguousarray(tree, dtype=tree.dtype.newbyteorder("<"))
    if isinstance(tree, dict):
        return {key: _prepare(value, left_bytes) for key, value in tree.items()}
    return tree


def read_json(text: str, limit_bytes: int = LIMIT_BYTES) -> Any:
    """Return the tree of JSON values and arrays in a text; nothing else is ever made from it.

    Raises:
        DocumentError: no JSON, not-a-number or infinity, a key twice, nested deeper than documents are,
            an array that is not allowed or damaged, or more than `limit_bytes`.
    """
    if len(text) > limit_bytes:
        refuse("", f"{len(text)} characters", f"at most {limit_bytes}")
    try:
        tree = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_make_object)
    except json.JSONDecodeError as error:
        raise DocumentError(
            "document", f"no JSON ({error.msg})", f"wrong at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        refuse("", "very deep nesting", f"at most {_DEEPEST} levels")
    except ValueError:  # an integer longer than the interpreter converts
        refuse("", "a number of thousands of digits", "numbers of 64 bits")
    return _decode(tree, "", 0, [limit_bytes])


def _refuse_constant(name: str) -> None:
    refuse("", name, "finite numbers")


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        refuse("", "an object with one key twice", "every key once")
    return made


def _decode(node: Any, path: str, depth: int, left_bytes: list[int]) -> Any:
    if depth > _DEEPEST:
        refuse(path, f"{depth} levels", f"at most {_DEEPEST} levels")
    if isinstance(node, float) and not math.isfinite(node):
        refuse(path, "a number too large", "finite numbers")
    if isinstance(node, list):
        return [_decode(item, f"{path}[{position}]", depth + 1, left_bytes) for position, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    if MARKER in node:
        array = decode_array(node, path, left_bytes[0])
        left_bytes[0] -= array.nbytes
        return array
    decoded = {}
    for position, (key, value) in enumerate(node.items()):
        # Keys that lie deep may be words of examples, so their place is told by number.
        place = join(path, key[:40]) if depth < 2 else f"{path}[{position}]"
        if key.startswith("__"):
            refuse(path, f"the marker {key[:40]!r} on {describe(value)}", f"only {MARKER} as a marker")
        decoded[key] = _decode(value, place, depth + 1, left_bytes)
    return decoded
