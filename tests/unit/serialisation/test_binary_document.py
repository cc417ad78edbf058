"""The binary encoding: what goes in comes out, and nothing else does."""

import json
from typing import Any

import numpy as np
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors.numpy import save

from pipeline.errors import DocumentError
from pipeline.serialisation.binary_document import read_binary, write_binary
from pipeline.serialisation.json_document import read_json, write_json
from pipeline.serialisation.tree import ARRAY_TYPES

TREE = {"words": ["ä", "b"], "one": np.arange(6, dtype=np.int32).reshape(2, 3), "parts": [{"x": np.zeros(0)}, 0.5]}

array_values = st.sampled_from(ARRAY_TYPES).flatmap(
    lambda dtype: arrays.arrays(
        dtype,
        arrays.array_shapes(min_side=0, max_side=4),
        elements={"allow_nan": False, "allow_infinity": False} if dtype.startswith("f") else None,
    )
)
trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])) | array_values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc_", max_size=3), inner, max_size=3),
    max_leaves=8,
).filter(lambda tree: not holds_marker(tree))  # fmt: skip


def holds_marker(node: Any) -> bool:
    if isinstance(node, dict):
        return any(key.startswith("__") or holds_marker(value) for key, value in node.items())
    return isinstance(node, list) and any(map(holds_marker, node))


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return (
            isinstance(other, np.ndarray)
            and (one.dtype, one.shape) == (other.dtype, other.shape)
            and one.tobytes() == other.tobytes()
        )
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(type(one) is type(other) and one == other)


@given(tree=trees)
def test_a_tree_comes_back_from_either_encoding_as_it_was(tree: Any) -> None:
    data = write_binary(tree)

    assert same(read_binary(data), tree)
    assert same(read_json(write_json(tree)), tree)
    assert write_binary(read_binary(data)) == data


def pack(text: object, **tensors: np.ndarray[Any, Any]) -> bytes:
    """Return a document's bytes of a tree's text and arrays that need not fit it."""
    encoded = (text if isinstance(text, str) else json.dumps(text)).encode(errors="surrogatepass")
    return zstd.compress(save({"tree": np.frombuffer(encoded, np.uint8)} | tensors))


ONE = np.ones(3)
REFUSED = {
    "nothing": b"",
    "another format": b"PK\x03\x04" + bytes(30),
    "no safetensors": zstd.compress(b"x" * 100),
    "no tree": zstd.compress(save({"0": ONE})),
    "a tree of numbers": zstd.compress(save({"tree": ONE})),
    "no JSON": pack("{"),
    "half a surrogate": pack('"\ud800"'),
    "not a number": pack("NaN"),
    "an array that is not there": pack({"a": {"__ndarray__": 0}}),
    "an array twice": pack([{"__ndarray__": 0}, {"__ndarray__": 0}], **{"0": ONE}),
    "an array nowhere": pack({}, **{"0": ONE}),
    "an array of another type": pack({"__ndarray__": 0}, **{"0": ONE.astype(np.float16)}),
    "an array of truths": pack({"__ndarray__": 0}, **{"0": ONE.astype(bool)}),
    "json-tricks' form": pack({"__ndarray__": "b64:AAAA", "dtype": "float32", "shape": [1]}),
    "a text as number": pack({"__ndarray__": "0"}, **{"0": ONE}),
    "a truth as number": pack({"__ndarray__": False}, **{"0": ONE}),
    "a class": pack({"__instance_type__": ["os", "system"], "attributes": {}}),
    "the tree as array": pack({"__ndarray__": "tree"}),
    "two frames": write_binary(TREE) * 2,
    "cut short": write_binary(TREE)[:-1],
    "a header of a megabyte": pack({}, **{"x" * 2**20: ONE}),
    "nothing but a text, of 256 MiB": zstd.compress(save({"tree": np.zeros(2**28 + 1, np.uint8)})),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        read_binary(data)


def test_what_unpacks_to_more_than_the_limit_is_refused_before_it_is_unpacked() -> None:
    bomb = zstd.compress(bytes(2**30))

    with pytest.raises(DocumentError, match="more bytes than a document may have"):
        read_binary(bomb)
    with pytest.raises(DocumentError, match=r"a: found an array of 80000 bytes; allowed is 1000 bytes more"):
        read_binary(write_binary({"a": np.zeros(10_000)}), limit_bytes=1_000)


def test_arrays_that_could_not_be_read_back_are_not_written() -> None:
    large = np.lib.stride_tricks.as_strided(np.zeros(1), (2**26,), (0,))  # 512 MiB that take eight bytes

    for write in (write_binary, write_json):
        with pytest.raises(DocumentError, match=r"its arrays take more than 402653184 bytes; .* shallower trees"):
            write({"a": large})
