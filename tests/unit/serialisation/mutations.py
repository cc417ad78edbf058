"""Ways to damage a document: its text, or any place of its tree."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np
from backports import zstd
from numpy.typing import NDArray
from safetensors.numpy import save

from pipeline.errors import DocumentError
from pipeline.serialisation.binary_document import read_binary, take_out_arrays
from pipeline.serialisation.json_arrays import decode_array
from pipeline.serialisation.json_document import write_json

ODD_VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2, 2**31, 2**63, 10**30, 0.5, -0.0, 1e308, -1e308, float("inf"), float("nan"),
    "", "rbf", "b64:", "b64.gz:", "\ud800", "x" * 300, [], [[]], {}, {"": 0}, [None], ["a", "a"],
    {"__instance_type__": ["os", "system"], "attributes": {}},
    {"__ndarray__": "b64:AAAAAA==", "dtype": "object", "shape": [1], "endian": "little"},
    {"__ndarray__": "b64:AACAfw==", "dtype": "float32", "shape": [1], "endian": "little"},
    {"__ndarray__": "b64:", "dtype": "float64", "shape": [0, 7], "Corder": True, "endian": "little"},
]  # fmt: skip


def damage(document: str, draw: random.Random) -> str:
    """Return the document with one to three things wrong, often still of a plausible form."""
    if draw.random() < 0.15:
        return damage_text(document, draw)
    tree = json.loads(document)
    for _ in range(draw.randint(1, 3)):
        holder, key = draw.choice(list_places(tree))
        holder[key] = draw.choice(CHANGES)(copy.deepcopy(holder[key]), draw)
        if draw.random() < 0.2:
            drop_or_add(holder, key, draw)
    return json.dumps(tree)


def damage_binary(document: bytes, draw: random.Random) -> bytes:
    """Return a binary document with something wrong in its bytes, in the bytes inside, or in the tree."""
    if draw.random() < 0.1:
        return damage_bytes(document, draw)
    if draw.random() < 0.1:
        return zstd.compress(damage_bytes(zstd.decompress(document), draw))
    holder = {"tree": read_binary(document)}
    for _ in range(draw.randint(1, 3)):
        place, key = draw.choice(list_places(holder["tree"]))
        old = place[key]
        place[key] = (
            distort(old, draw) if isinstance(old, np.ndarray) else draw.choice(CHANGES)(copy.deepcopy(old), draw)
        )
        if draw.random() < 0.2:
            drop_or_add(place, key, draw)
    return write_anything(holder["tree"])


def write_anything(tree: Any) -> bytes:
    """Return the binary document of a tree that no document could hold."""
    arrays: list[Any] = []
    text = json.dumps(take_out_arrays(tree, arrays)).encode()
    tensors = {str(number): np.ascontiguousarray(array) for number, array in enumerate(arrays)}
    return zstd.compress(save({"tree": np.frombuffer(text, np.uint8)} | tensors))


def damage_bytes(data: bytes, draw: random.Random) -> bytes:
    """Return bytes cut short, or with a few of them changed."""
    if draw.random() < 0.3:
        return data[: draw.randrange(len(data))]
    changed = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def damage_text(document: str, draw: random.Random) -> str:
    """Return the text cut short, or with a run of characters replaced."""
    start = draw.randrange(len(document))
    inserted = "".join(draw.choice('{}[]",:0e9\\u\x00 é') for _ in range(draw.randint(0, 4)))
    return document[:start] + (inserted + document[start + draw.randint(0, 9) :] if draw.random() < 0.8 else "")


def list_places(tree: Any) -> list[tuple[Any, Any]]:
    """Return every place in a tree as the object or list that holds it and the key there."""
    if isinstance(tree, dict):
        keys: list[Any] = list(tree)
    elif isinstance(tree, list):
        keys = list(range(len(tree)))
    else:
        return []
    return [(tree, key) for key in keys] + [place for key in keys for place in list_places(tree[key])]


def drop_or_add(holder: Any, key: Any, draw: random.Random) -> None:
    """Take an entry away, or add one."""
    if isinstance(holder, list):
        holder.append(copy.deepcopy(draw.choice(ODD_VALUES)))  # a later change must not reach the list of them
    elif draw.random() < 0.5:
        del holder[key]
    else:
        holder["more"] = copy.deepcopy(draw.choice(ODD_VALUES))


def replace(value: Any, draw: random.Random) -> Any:  # noqa: ARG001
    """Return something else altogether."""
    return copy.deepcopy(draw.choice(ODD_VALUES))


def nudge(value: Any, draw: random.Random) -> Any:
    """Return a value of the same type, a little off."""
    match value:
        case bool():
            return not value
        case int():
            return value + draw.choice([-1, 1, 1000])
        case float():
            return value * draw.choice([-1, 1e300, 1e-300, 2])
        case str() if value:
            place = draw.randrange(len(value))
            return value[:place] + draw.choice("A/=é0") + value[place + 1 :]
        case list():
            return draw.choice([value[1:], value + value[-1:], value[::-1]])
        case _:
            return value


def distort_array(value: Any, draw: random.Random) -> Any:
    """Return another well-formed array in an array's place."""
    if not (isinstance(value, dict) and isinstance(value.get("__ndarray__"), str)):
        return value
    try:
        array = decode_array(value, "", 10**8)
    except DocumentError:  # damaged already
        return value
    return json.loads(write_json({"array": distort(array, draw)}))["array"]


def distort(array: NDArray[Any], draw: random.Random) -> NDArray[Any]:
    """Return an array of another shape, type or content."""
    if not array.size:
        return np.zeros(3, array.dtype)
    with np.errstate(all="ignore"):
        one = array.copy()
        one.flat[draw.randrange(array.size)] = draw.choice([-1, 0, 1, 2**31 - 1, array.size, one.flat[0] + 1])
        changed: NDArray[Any] = draw.choice(
            [
                one,
                one,
                one,
                array[1:],
                array[..., :-1],
                array.T,
                array.ravel(),
                array * -1,
                (array * 1e300).astype(array.dtype) if array.dtype.kind == "f" else array + 1,
                array[:0],
                np.concatenate([array, array]),
                array.astype("float64" if array.dtype != np.float64 else "float32"),
                np.full_like(array, np.iinfo(np.int32).max if array.dtype.kind == "i" else np.finfo(array.dtype).max),
            ]
        )
    return changed


CHANGES: list[Callable[[Any, random.Random], Any]] = [replace, nudge, nudge, distort_array, distort_array]
