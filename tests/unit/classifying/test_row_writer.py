"""Rows are written again as they were, with the answer behind."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.classifying.row_writer import RowWriter
from pipeline.errors import ExamplesError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.loading.records import read_records
from pipeline.loading.source_file import Format, SourceFile

ANSWER = ['a "quoted", class', 0.25]
NAMES = ["classification", "probability"]
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the examples of a property may share."""
    return tmp_path_factory.mktemp("rows")


def rewrite(folder: Path, source: Format, target: Format, content: str) -> tuple[str, BrokenRows]:
    """Return a file's rows with `ANSWER`, and those that cannot be written."""
    path = folder / f"rows.{source}"
    path.write_bytes(content.encode())
    with SourceFile(path) as opened:
        broken = BrokenRows(path.name)
        records = read_records(opened, broken)
        assert records is not None
        writer = RowWriter(records, source, target, NAMES)
        written = writer.header
        for record in records.rows:
            if refusal := writer.refuse(record.values):
                broken.add(record.line, *refusal)
            else:
                written += writer.write(record, ANSWER)
        return written, broken


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=5),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_every_cell_of_csv_is_kept(folder: Path, rows: list[tuple[str, str]], quoting: Any) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=quoting).writerows([("text", "note"), *rows])

    written, broken = rewrite(folder, "csv", "csv", file.getvalue())

    read = [*csv.reader(io.StringIO(written, newline=""), strict=True)]
    assert broken.count == 0
    assert read == [["text", "note", *NAMES], *([*row, ANSWER[0], "0.25"] for row in rows)]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_quotes_and_line_endings_of_csv_stay_as_they_were(folder: Path, ending: str) -> None:
    rows = ["text,'n'", '"1","2\nand ""3"""', "plain,", "last,no line ending"]

    written, _ = rewrite(folder, "csv", "csv", ending.join(rows))

    new = ["classification,probability", *['"a ""quoted"", class",0.25'] * 3]
    assert written == "".join(f"{row},{cells}{ending}" for row, cells in zip(rows, new, strict=True))


@given(
    row=st.dictionaries(st.text(max_size=5).filter(lambda name: name not in NAMES), JSON, min_size=1, max_size=4),
    escaped=st.booleans(),
    space=st.sampled_from(["", " "]),
)
def test_every_value_of_json_is_kept_as_it_was_written(
    folder: Path, row: dict[str, Any], escaped: bool, space: str
) -> None:
    line = json.dumps(row, ensure_ascii=escaped, separators=(f",{space}", f":{space}"))

    written, broken = rewrite(folder, "jsonl", "jsonl", f"{space}{line}{space}\r\n")

    assert broken.count == 0
    assert written.startswith(line[:-1])
    assert list(json.loads(written).items()) == [*row.items(), *zip(NAMES, ANSWER, strict=True)]


def test_what_python_would_write_in_another_way_is_kept(folder: Path) -> None:
    numbers = '"b": 1.10, "a": 1E400, "long": 12345678901234567890.12345678901234567890'
    line = f'{{{numbers}, "twice": {{"a": 1, "a": 2}}, "half": "\\ud800\\u00e9"'

    written, _ = rewrite(folder, "jsonl", "jsonl", line + " }")

    assert written == line + ', "classification": "a \\"quoted\\", class", "probability": 0.25}\n'


def test_csv_becomes_json_lines(folder: Path) -> None:
    written, _ = rewrite(folder, "csv", "jsonl", 'b,a\n1,"two\nlines é"\n')

    assert json.loads(written) == {"b": "1", "a": "two\nlines é", "classification": ANSWER[0], "probability": 0.25}
    assert written.startswith('{"b": "1", "a": "two\\nlines é", ')


def test_json_lines_become_csv_with_the_columns_of_the_first_row(folder: Path) -> None:
    rows = [
        {"b": 1.5, "a": "x,y", "c": [1, "é"], "d": True},
        {"a": "", "b": None},
        {"a": "x", "e": 1},
        {"a": "\ud800"},
    ]

    written, broken = rewrite(folder, "jsonl", "csv", "\n".join(map(json.dumps, rows)))

    assert [*csv.reader(written.splitlines())] == [
        ["b", "a", "c", "d", *NAMES],
        ["1.5", "x,y", '[1, "é"]', "true", ANSWER[0], "0.25"],
        ["", "", "", "", ANSWER[0], "0.25"],
    ]
    assert broken.describe() == (
        "  rows.jsonl:3: the key 'e' is not in the first row, which decides the columns of CSV: write a .jsonl file\n"
        "  rows.jsonl:4: contains a lone surrogate, half a character, which CSV cannot hold"
    )


@pytest.mark.parametrize(
    ("source", "target", "content", "told"),
    [
        ("csv", "csv", "probability,classification\n", r":1: has the columns 'classification' and 'probability'"),
        ("csv", "jsonl", "text,a,a\n", r"rows\.csv:1: the column 'a' appears twice"),
        ("jsonl", "jsonl", '\n{"classification": 1}', r":2: has the column 'classification', which .*--prefix"),
        ("jsonl", "csv", '{"\\ud800": 1}', r"rows\.jsonl:1: a column's name contains a lone surrogate.*\.jsonl"),
    ],
)  # fmt: skip
def test_columns_that_cannot_be_written_are_refused_at_once(
    folder: Path, source: Format, target: Format, content: str, told: str
) -> None:
    with pytest.raises(ExamplesError, match=told):
        rewrite(folder, source, target, content)


def test_two_columns_of_one_name_stay_two_in_csv(folder: Path) -> None:
    written, _ = rewrite(folder, "csv", "csv", "a,a\n1,2\n")

    assert written.splitlines()[1].startswith("1,2,")


def test_a_row_of_json_that_has_a_new_name_already_is_broken(folder: Path) -> None:
    _, broken = rewrite(folder, "jsonl", "jsonl", '{"text": "a"}\n{"text": "a", "probability": 1}')

    assert broken.describe().startswith("  rows.jsonl:2, column probability: is a name that answers need; choose")
