"""What each part of a document lets pass, and how a refusal reads."""

from typing import Any

import numpy as np
import pytest

from pipeline.errors import DocumentError
from pipeline.serialisation.containers import Array, Derived, Dictionary, Listing, Record
from pipeline.serialisation.schema import Integer, Number, Schema, Text, audit

HALF = Derived("half of width", lambda sizes: sizes["width"] // 2)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (Text(), "é"),
        (Text(("a", "b")), "b"),
        (Integer(0, 3), 3),
        (Number(0, 1), 1),
        (Number(), -1e308),
        (Dictionary(Text(), Integer()), {}),
        (Listing(Text(), distinct=True), ["a", "b"]),
        (Record({"a": Integer()}), {"a": 1}),
        (Array("int32", (2, "width")), np.zeros((2, 5), dtype=np.int32)),
    ],
)
def test_what_is_allowed_passes(part: Schema, value: Any) -> None:
    audit(value, part, "part")


@pytest.mark.parametrize(
    ("part", "value", "found"),
    [
        (Text(), 3, "3"),
        (Text(longest=2), "abc", "a text of 3 characters"),
        (Text(("a", "b")), "c", "'c'"),
        (Text(), "\udc80", "half a surrogate pair"),
        (Integer(0, 3), 4, "4"),
        (Integer(), True, "True"),
        (Integer(), 2**63, "9223372036854775808"),
        (Integer(), 10**400, "more than 20 digits"),
        (Integer(), 1.0, "1.0"),
        (Number(0, 1), 1.1, "1.1"),
        (Number(), float("nan"), "nan"),
        (Number(), float("inf"), "inf"),
        (Number(), 10**400, "more than 20 digits"),
        (Number(), False, "False"),
        (Dictionary(Text(), Integer()), [], "a list of 0"),
        (Dictionary(Text(), Integer()), {"a": None}, "null"),
        (Dictionary(Text(), Integer()), {1: 1}, "1"),
        (Listing(Text(), fewest=1), [], "a list of 0"),
        (Listing(Text(), distinct=True), ["a", "a"], "one entry more than once"),
        (Record({"a": Integer()}), {}, "nothing"),
        (Record({"a": Integer()}), {"a": 1, "b": 2}, "the unknown key 'b'"),
        (Record({"a": Integer()}), None, "null"),
        (Array("int32", (2,)), [1, 2], "a list of 2"),
        (Array("int32", (2,)), np.zeros(2), "a float64 array of shape (2,)"),
        (Array("int32", (2,)), np.zeros(3, dtype=np.int32), "shape (3,)"),
        (Array("int32", (2,)), np.zeros((2, 1), dtype=np.int32), "shape (2, 1)"),
        (Array("float64", (2,)), np.array([0, np.inf]), "not finite"),
        (Array("float64", (2,)), np.array([0, np.nan]), "not finite"),
        (Array("float64", (2,), minimum=0), np.array([0, -1.5]), "a value of -1.5"),
        (Array("float64", (2,), maximum=1), np.array([0, 1.5]), "a value of 1.5"),
    ],
)
def test_anything_else_is_refused_saying_what_was_found(part: Schema, value: Any, found: str) -> None:
    with pytest.raises(DocumentError) as caught:
        audit(value, part, "part")

    assert caught.value.where.startswith("part")
    assert found in caught.value.what
    assert caught.value.allowed


def test_a_refusal_names_the_whole_path() -> None:
    part = Record({"outer": Record({"inner": Listing(Integer())})})

    with pytest.raises(DocumentError, match=r"^model\.outer\.inner\[1\]: found a text of 1 characters; allowed is"):
        audit({"outer": {"inner": [1, "x"]}}, part, "model")


@pytest.mark.parametrize(
    ("sizes", "good"), [((4, 4, 2), True), ((4, 5, 2), False), ((4, 4, 4), False), ((0, 0, 0), True)]
)
def test_sizes_of_one_name_must_agree(sizes: tuple[int, int, int], good: bool) -> None:
    part = Record(
        {"names": Listing(Text(), size="width"), "one": Array("float64", ("width",)), "two": Array("float64", (HALF,))}
    )
    tree = {"names": ["n"] * sizes[0], "one": np.zeros(sizes[1]), "two": np.zeros(sizes[2])}
    if good:
        audit(tree, part)
        return

    with pytest.raises(DocumentError, match="allowed is a float64 array of shape"):
        audit(tree, part)


def test_a_size_may_come_from_elsewhere() -> None:
    with pytest.raises(DocumentError, match=r"shape \(3\)"):
        audit(np.zeros(2), Array("float64", ("width",)), "array", {"width": 3})
