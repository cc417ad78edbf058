"""What classes and collections may be called, and what counts as empty."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.datasets.span_dataset import SpanDataset
from pipeline.errors import ExamplesError, OptionError, PipelineError
from pipeline.examples.classes import find_missing
from pipeline.loading.load import check_collection
from unit.loading.reading import read

DATES: dict[str, Any] = {"start_datetime_str": "2016-1-1", "end_datetime_str": "2016-1-2", "training_ratio": 0.8}


def read_class(folder: Path, name: object, file: str = "a.jsonl") -> tuple[str | None, str]:
    """Return the class that one row is loaded with, and what is said where it is not."""
    if file.endswith("csv"):
        quoted = str(name).replace('"', '""')
        content = f'time,classification,text\n2016-1-1,"{quoted}",text\n'
    else:
        content = json.dumps({"time": "2016-1-1", "classification": name, "text": "text"})
    rows, broken = read(folder, file, content)
    return (rows[0].classification if rows else None), broken.describe()


@pytest.mark.parametrize("file", ["a.csv", "a.jsonl"])
@pytest.mark.parametrize(
    ("spelled", "kept"),
    [
        (" spam\u00a0", "spam"),
        ("cafe\u0301", "café"),
        ("\u200dspam\u200c ", "spam"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("[deleted]", "[deleted]"),
        ("{unknown}", "{unknown}"),
        ("(none)", "(none)"),
        ("Spam", "Spam"),
        ("1", "1"),
    ],
)
def test_a_class_is_kept_as_it_reads(tmp_path: Path, spelled: str, kept: str, file: str) -> None:
    assert read_class(tmp_path, spelled, file) == (kept, "")


@pytest.mark.parametrize(
    "name",
    [
        '["numpy", "other"]',
        '{"choices": ["a"]}',
        "[]",
        "[1]",
        "['numpy', 'other']",
        "{'a': 1}",
        "('a', 'b')",
        ' ["a"] ',
    ],
)
@pytest.mark.parametrize("file", ["a.csv", "a.jsonl"])
def test_a_list_or_an_object_is_no_class(tmp_path: Path, name: str, file: str) -> None:
    kept, told = read_class(tmp_path, name, file)

    assert kept is None
    assert "column classification: is a" in told
    assert "a text has one class" in told


@pytest.mark.parametrize("value", [["numpy", "other"], {"choices": ["a"]}, []])
def test_a_list_or_an_object_of_json_is_no_class(tmp_path: Path, value: object) -> None:
    kept, told = read_class(tmp_path, value)

    assert kept is None
    assert "a text has one class" in told


@pytest.mark.parametrize(
    "character", ["\x1b", "\x07", "\n", "\x9b", "\u202e", "\u2066", "\u200f", "\u200b", "\ufeff", "\u2028", "\u00ad"]
)
def test_a_character_that_nobody_sees_is_refused_in_a_class(tmp_path: Path, character: str) -> None:
    kept, told = read_class(tmp_path, f"sp{character}am")

    assert kept is None
    assert f"(U+{ord(character):04X} at character 3)" in told
    assert character == "\n" or character not in told


@pytest.mark.parametrize(
    "text", ["\u200b", " \u200d\u2060", "\x01\x02", "\ufeff\u00ad", "\u3164", "\u2800\u2800", "\ufe0f", "\U000e0001"]
)
@pytest.mark.parametrize("column", ["text", "classification"])
def test_what_shows_nothing_is_empty(tmp_path: Path, text: str, column: str) -> None:
    row = {"time": "2016-1-1", "classification": "spam", "text": "text"} | {column: text}
    rows, broken = read(tmp_path, "a.jsonl", json.dumps(row))

    assert rows == []
    assert broken.describe() == f"  a.jsonl:1, column {column}: is empty"


def test_a_text_is_kept_as_it_is(tmp_path: Path) -> None:
    text = " \u200bcafe\u0301\u202e\x1b "
    [row], _ = read(tmp_path, "a.jsonl", json.dumps({"time": " 2016-1-1 ", "classification": "a", "text": text}))

    assert row.text == text


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("news/2016", "news/2016"),
        ("m²", "m²"),
        ("हिन्दी", "हिन्दी"),
        ("Ⅷ", "Ⅷ"),
        ("cafe\u0301", "café"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a" * 100, "a" * 100),
    ],
)
def test_a_collection_is_called_the_same_for_loading_and_in_plans(name: str, kept: str) -> None:
    assert check_collection(name) == kept
    assert SpanDataset.Options(**DATES, collection=name).collection == kept


@pytest.mark.parametrize("name", ["", "a b", "a\n", "a\0", "a\u202e", "Ⓐ", "a" * 101, "e\u0301" * 60, "a+b", "\ud800"])
def test_what_is_no_collection_is_refused_for_loading_and_in_plans(name: str) -> None:
    with pytest.raises(ExamplesError, match="is not a valid collection name; write 1 to 100 letters"):
        check_collection(name)
    with pytest.raises((ValueError, OptionError)):
        SpanDataset.Options(**DATES, collection=name)


def test_an_error_prints_what_nobody_sees_as_its_number() -> None:
    assert str(PipelineError("a\u202eb", "c\x1b[2Jd\n\te\x9b")) == "a\\u202eb: c\\u001b[2Jd\n\te\\u009b."


def test_a_class_is_found_however_a_plan_or_an_earlier_version_spells_it() -> None:
    spelled, kept = "re\u0301sume\u0301 ", "r\u00e9sum\u00e9"

    assert find_missing([spelled, "spam", "ham"], {kept, "ham"}) == ["spam"]
    assert find_missing([kept], {spelled}) == []
    span = {"start_datetime_str": "2016-1-1", "end_datetime_str": "2016-1-2", "training_ratio": 0.5}
    spellings = [SpanDataset(**span, classes=[each, "ham"]) for each in (spelled, kept)]
    assert len({dataset.canonical for dataset in spellings}) == 1
