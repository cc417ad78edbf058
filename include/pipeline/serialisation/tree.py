"""The tree that both encodings of a document represent: JSON values, with arrays in place of marked objects."""

import json
import math
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from pipeline.errors import DocumentError
from pipeline.serialisation.containers import join
from pipeline.serialisation.schema import describe, refuse

ARRAY_TYPES = ("float32", "float64", "int32", "int64")
"""The types that arrays in a document may have."""

LIMIT_BYTES = 3 * 2**27
"""How many bytes of memory a document's arrays may take once unpacked, and how many characters its text may have:
384 MiB."""

MARKER = "__ndarray__"
"""The key of an object that represents an array."""

_DEEPEST = 10
_MOST_VALUES = 10 * 2**20  # the longest list of words that any adapter learns
_MOST_BRACKETS = 2**21  # words contain some too; there are far fewer objects and lists
_MOST_NESTED = 10_000
_LONGEST_MIXED = 1_000
_PLAIN = {str, int}  # lists of nothing else need no further check

MakeArray = Callable[[dict[str, Any], str, int], NDArray[Any]]
"""Makes the array that a marked object represents, from the object, its path, and the most bytes it may take."""


def parse_tree(text: str, make_array: MakeArray, limit_bytes: int) -> Any:
    """Return the tree in a JSON text; nothing but JSON values and arrays is ever made from it.

    Args:
        text: the JSON text.
        make_array: makes the arrays.
        limit_bytes: how many bytes the arrays may take, and how many characters the text may have.

    Raises:
        DocumentError: the text is not JSON, has a number that is not finite or a key twice, is deeper or has more
            values than documents have, contains an array that is damaged or not allowed, or exceeds `limit_bytes`.
    """
    if len(text) > limit_bytes:
        refuse("", f"{len(text)} characters", f"at most {limit_bytes}")
    # Python objects take up to a hundred times the memory of their text, which may itself come from a few bytes.
    brackets = text.count("[") + text.count("{") if len(text) > _MOST_BRACKETS else 0
    if brackets > _MOST_BRACKETS or (len(text) > _MOST_VALUES and text.count(",") > _MOST_VALUES):
        refuse("", "more values than documents have", f"at most {_MOST_VALUES} commas and {_MOST_BRACKETS} brackets")
    try:
        tree = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_ObjectMaker())
    except json.JSONDecodeError as error:
        raise DocumentError(
            "document", f"not JSON ({error.msg})", f"wrong at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        refuse("", "very deep nesting", f"at most {_DEEPEST} levels")
    except ValueError:  # an integer longer than the interpreter converts
        refuse("", "a number of thousands of digits", "numbers of 64 bits")
    return _Decoder(make_array, limit_bytes).decode(tree, "", 0)


def is_plain(items: list[Any]) -> bool:
    """Return whether a list contains only texts and integers."""
    return set(map(type, items)) <= _PLAIN


class _Decoder:
    def __init__(self, make_array: MakeArray, limit_bytes: int) -> None:
        self._make_array = make_array
        self._left_bytes = limit_bytes
        self._lists = 0

    def decode(self, node: Any, path: str, depth: int) -> Any:
        if depth > _DEEPEST:
            refuse(path, f"{depth} levels", f"at most {_DEEPEST} levels")
        if isinstance(node, float) and not math.isfinite(node):
            refuse(path, "a number too large", "finite numbers")
        if isinstance(node, list):
            self._lists += 1
            if self._lists > _MOST_NESTED:
                refuse(path, f"more than {_MOST_NESTED} lists", "fewer lists")
            if is_plain(node):
                return node
            if len(node) > _LONGEST_MIXED:
                refuse(path, describe(node), f"at most {_LONGEST_MIXED} that are neither texts nor integers")
            return [self.decode(item, f"{path}[{position}]", depth + 1) for position, item in enumerate(node)]
        if not isinstance(node, dict):
            return node
        if MARKER in node:
            array = self._make_array(node, path, self._left_bytes)
            self._left_bytes -= array.nbytes
            return array
        if len(node) > _LONGEST_MIXED and not is_plain([*node.values()]):
            refuse(path, describe(node), f"at most {_LONGEST_MIXED} that are neither texts nor integers")
        return {
            key: self._decode_entry(key, value, path, depth, number) for number, (key, value) in enumerate(node.items())
        }

    def _decode_entry(self, key: str, value: Any, path: str, depth: int, position: int) -> Any:
        if key.startswith("__"):
            refuse(path, f"the marker {key[:40]!r} on {describe(value)}", f"only {MARKER} as a marker")
        if type(value) in _PLAIN:
            return value
        # Deep keys may be words from examples, so messages give their position instead, as for keys that are no names.
        named = depth < 3 and key.isidentifier() and key.isascii()
        return self.decode(value, join(path, key[:40]) if named else f"{path}[{position}]", depth + 1)


def _refuse_constant(name: str) -> None:
    refuse("", name, "finite numbers")


class _ObjectMaker:
    def __init__(self) -> None:
        self._made = 0

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self._made += 1
        if self._made > _MOST_NESTED:
            refuse("", f"more than {_MOST_NESTED} objects", "fewer objects")
        made = dict(pairs)
        if len(made) < len(pairs):
            refuse("", "an object with one key twice", "every key once")
        return made
