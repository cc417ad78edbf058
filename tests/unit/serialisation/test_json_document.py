"""JSON text to a tree and back: what is written, and everything that is refused."""

import gzip
import json
import tracemalloc
import zlib
from base64 import b64encode
from typing import Any

import json_tricks
import numpy as np
import pytest

from pipeline.errors import DocumentError
from pipeline.serialisation.json_document import read_json, write_json


def make_array(**changes: Any) -> str:
    """Return a document that holds one array of two float32 numbers, some of its keys changed."""
    node = {
        "__ndarray__": "b64:" + b64encode(np.array([1.5, -2], dtype="<f4").tobytes()).decode(),
        "dtype": "float32",
        "shape": [2],
        "endian": "little",
    }
    return json.dumps({"array": {key: value for key, value in (node | changes).items() if value is not ...}})


def pack(data: bytes) -> str:
    return "b64.gz:" + b64encode(gzip.compress(data, mtime=0)).decode()


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64"])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (0, 4), (1, 1, 1)])
def test_arrays_come_back_with_type_shape_and_values(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape), dtype=dtype).reshape(shape) - 1

    read = read_json(write_json({"array": array}))["array"]

    assert read.dtype == array.dtype
    assert np.array_equal(read, array)


def test_arrays_laid_out_otherwise_come_back_the_same() -> None:
    array = np.arange(6.0).reshape(2, 3)

    for view in (array.T, array[:, ::2], array.astype(">f8")):
        assert np.array_equal(read_json(write_json({"array": view}))["array"], view)


def test_writing_twice_gives_the_same_text() -> None:
    assert len({write_json({"array": np.arange(1000.0), "text": "é"}) for _ in range(2)}) == 1


def test_arrays_are_compact_not_lists_of_numbers() -> None:
    written = write_json({"array": np.zeros(10_000)})

    assert json.loads(written)["array"]["__ndarray__"].startswith("b64.gz:")
    assert len(written) < 1_000


def test_the_text_of_an_array_stays_the_same_for_adapters_are_known_by_its_digest() -> None:
    array = np.arange(3, dtype=np.float32).reshape(1, 3)

    for same in (array, array.astype(">f4"), np.asfortranarray(array)):
        assert write_json({"array": same}) == (
            '{"array":{"__ndarray__":"b64:AAAAAAAAgD8AAABA","dtype":"float32","shape":[1,3],"Corder":true,'
            '"endian":"little"}}'
        )


def test_what_shrinks_well_is_packed_at_the_usual_level_of_gzip() -> None:
    array = np.repeat(np.arange(100), 100)

    node = json.loads(write_json({"array": array}))["array"]

    packed = zlib.compressobj(wbits=31)
    data = packed.compress(array.astype("<i8").tobytes()) + packed.flush()
    assert node["__ndarray__"] == "b64.gz:" + b64encode(data).decode()


def test_json_tricks_reads_what_is_written() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)

    assert np.array_equal(json_tricks.loads(write_json({"array": array}))["array"], array)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_have_are_not_written(number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json({"number": number})


def test_uncompressed_and_big_endian_arrays_are_read() -> None:
    big = "b64:" + b64encode(np.array([1.5, -2], dtype=">f4").tobytes()).decode()

    assert read_json(make_array())["array"].tolist() == [1.5, -2]
    assert read_json(make_array(__ndarray__=big, endian="big"))["array"].tolist() == [1.5, -2]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"dtype": "object"}, "array.dtype"),
        ({"dtype": "complex128"}, "array.dtype"),
        ({"dtype": ...}, "array.dtype"),
        ({"dtype": ["float32"]}, "array.dtype"),
        ({"endian": "middle"}, "array.endian"),
        ({"endian": ...}, "array.endian"),
        ({"endian": {}}, "array.endian"),
        ({"shape": [3]}, "array:"),
        ({"shape": [2, -1]}, "array.shape"),
        ({"shape": [2.0]}, "array.shape"),
        ({"shape": [True]}, "array.shape"),
        ({"shape": []}, "array.shape"),
        ({"shape": [1] * 9}, "array.shape"),
        ({"shape": 2}, "array.shape"),
        ({"shape": [2**31 - 1] * 4}, "array:"),
        ({"Corder": False}, "array.Corder"),
        ({"Corder": 1}, "array.Corder"),
        ({"more": 1}, "array:"),
        ({"__ndarray__": [1.5, -2]}, "array:"),
        ({"__ndarray__": "AADAPwAAAMA="}, "array:"),
        ({"__ndarray__": "b64:AADAPwAAAMA"}, "array:"),
        ({"__ndarray__": "b64:é"}, "array:"),
        ({"__ndarray__": "b64:AADA-wAAAMA="}, "array:"),
        ({"__ndarray__": "b64:AADA\nPwAAMA="}, "array:"),
        ({"__ndarray__": "b64:AADA=PwAAMA="}, "array:"),
        ({"__ndarray__": "b64:AADAPwAAAMAé"}, "array:"),
        ({"__ndarray__": pack(b"")}, "array:"),
        ({"__ndarray__": pack(b"1234") + pack(b"5678").removeprefix("b64.gz:")}, "array:"),
        (
            {
                "__ndarray__": "b64.gz:"
                + b64encode(gzip.compress(b"12345678", mtime=0) + gzip.compress(b"", mtime=0)).decode()
            },
            "array:",
        ),
        (
            {"__ndarray__": "b64.gz:" + b64encode(gzip.compress(b"12345678", mtime=0)[:-4] + b"\0\0\0\0").decode()},
            "array:",
        ),
        ({"__ndarray__": "b64.gz:AADAPwAAAMA="}, "array:"),
        ({"__ndarray__": pack(b"1234567")}, "array:"),
        ({"__ndarray__": pack(b"123456789")}, "array:"),
        ({"__ndarray__": pack(b"12345678")[:-8]}, "array:"),
        ({"__ndarray__": pack(b"12345678") + "AAAA"}, "array:"),
    ],
    ids=str,
)
def test_an_array_with_anything_wrong_is_refused_at_its_place(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_json(make_array(**changes))

    assert str(caught.value).startswith(place)


def test_a_small_text_that_unpacks_to_much_is_refused_unread() -> None:
    bomb = make_array(__ndarray__=pack(bytes(50_000_000)), shape=[12_500_000])

    with pytest.raises(DocumentError, match="50000000 bytes"):
        read_json(bomb, limit_bytes=1_000_000)


def test_more_data_than_the_shape_states_is_not_unpacked() -> None:
    bomb = make_array(__ndarray__=pack(bytes(50_000_000)))

    tracemalloc.start()
    try:
        with pytest.raises(DocumentError, match="more or fewer bytes"):
            read_json(bomb, limit_bytes=1_000_000)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 5_000_000


def test_arrays_together_are_held_to_the_limit() -> None:
    document = write_json({"one": np.zeros(100), "other": np.zeros(100)})

    assert len(read_json(document, limit_bytes=1_600)) == 2
    with pytest.raises(DocumentError, match="other: found an array of 800 bytes"):
        read_json(document, limit_bytes=1_599)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1,]", "NaN", '{"a": Infinity}', '{"a": -Infinity}', '{"a": 1e999}', '{"a": 1, "a": 2}',
     "[" * 100_000, "[" * 20 + "]" * 20, '{"a":' * 12 + "1" + "}" * 12, "9" * 5_000, "\x00", '"\t"'],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_a_text_that_is_no_proper_json_is_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        read_json(text)


@pytest.mark.parametrize("marker", ["__instance_type__", "__class_instance__", "__complex__", "__enum__", "__path__"])
def test_markers_that_would_import_something_are_refused_by_name(marker: str) -> None:
    with pytest.raises(DocumentError, match=marker):
        read_json(json.dumps({"model": {marker: ["subprocess", "Popen"], "attributes": {"args": "true"}}}))


def test_a_text_longer_than_the_limit_is_refused() -> None:
    with pytest.raises(DocumentError, match="found 12 characters"):
        read_json('{"a": "bcd"}', limit_bytes=11)


MANY = {
    "objects": ("[" + ",".join(["{}"] * 10_001) + "]", "more than 10000 objects"),
    "lists": ("[" + ",".join(["[" + ",".join(["[]"] * 1_000) + "]"] * 11) + "]", "more than 10000 lists"),
    "numbers in a list": ("[" + "1.5," * 1_000 + "1]", "at most 1000 that are neither"),
    "nothing in an object": (
        "{" + ",".join(f'"{n}":null' for n in range(1_001)) + "}",
        "at most 1000 that are neither",
    ),
    "commas": ("[" + "1," * 10_485_760 + "1,1]", "more values than documents have"),
    "brackets": ("[" * 2_097_153, "more values than documents have"),
}


@pytest.mark.parametrize(("text", "reason"), MANY.values(), ids=MANY)
def test_more_parts_than_documents_have_are_refused(text: str, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read_json(text)


def test_words_and_their_ranks_may_be_many_and_hold_brackets() -> None:
    tree = {"words": [f"[{number}{{" for number in range(20_000)], "index": {f"{n}": n for n in range(20_000)}}

    assert read_json(write_json(tree)) == tree


def test_a_refusal_says_a_keys_number_where_it_could_steer_a_terminal() -> None:
    with pytest.raises(DocumentError) as caught:
        read_json(json.dumps({"model": {"\x1b[31m\n": [{"__enum__": 1}]}}))

    assert caught.value.where == "model[0][0]"
