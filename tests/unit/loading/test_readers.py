"""Files in: what is read, and what a broken one is told."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import ExamplesError
from pipeline.examples.broken_rows import BrokenRow
from pipeline.examples.rows import IncomingRow
from pipeline.loading.columns import ColumnChoice
from pipeline.loading.source_file import SourceFile
from unit.loading.reading import GOOD, HEADER, read

GOOD_ROW = (datetime(2016, 1, 1, tzinfo=UTC), "spam", "buy now")


def broken_in(folder: Path, name: str, content: str | bytes, choice: ColumnChoice | None = None) -> list[BrokenRow]:
    return read(folder, name, content, choice)[1].shown


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_csv_is_read_packed_or_not(tmp_path: Path, name: str) -> None:
    rows, broken = read(tmp_path, name, HEADER + GOOD)

    assert [row[2:] for row in rows] == [GOOD_ROW]
    assert broken.count == 0


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_jsonl_is_read_packed_or_not(tmp_path: Path, name: str) -> None:
    content = '{"text": "buy now", "label": "spam", "timestamp": "2016-01-01T00:00Z", "more": [1]}\n\n'
    rows, broken = read(tmp_path, name, content)

    assert [row[2:] for row in rows] == [GOOD_ROW]
    assert broken.count == 0


def test_byte_order_mark_and_windows_line_ends_are_taken(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + (HEADER + GOOD).replace("\n", "\r\n").encode()

    assert [row[2:] for row in read(tmp_path, "a.csv", content)[0]] == [GOOD_ROW]


def test_chosen_columns_are_read_in_any_order(tmp_path: Path) -> None:
    choice = ColumnChoice(text="body", classification="kind", time="sent", id="key")
    rows, _ = read(tmp_path, "a.csv", "key,body,sent,kind\n7,buy now,2016-1-1,spam\n", choice)

    assert rows == [IncomingRow(2, "7", *GOOD_ROW)]


def test_numbers_do_as_ids_in_json(tmp_path: Path) -> None:
    content = '{"text": "buy now", "classification": "spam", "time": "2016-1-1", "key": 7}'

    assert read(tmp_path, "a.jsonl", content, ColumnChoice(id="key"))[0] == [IncomingRow(1, "7", *GOOD_ROW)]


def test_bad_date_in_line_17_is_named_with_its_line_and_column(tmp_path: Path) -> None:
    content = HEADER + GOOD * 15 + "2016-2-30,spam,buy now\n" + GOOD
    rows, broken = read(tmp_path, "mail.csv", content)

    assert len(rows) == 16
    assert broken.describe().startswith("  mail.csv:17, column time: '2016-2-30' does not exist in the calendar")


def test_lines_are_counted_through_quoted_line_ends(tmp_path: Path) -> None:
    content = HEADER + '2016-1-1,spam,"one\ntwo\nthree"\n' + "2016-1-1,,four\n"

    assert broken_in(tmp_path, "a.csv", content) == [BrokenRow(5, "classification", "is empty")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2016-1-1,spam", BrokenRow(3, "", "has 2 fields where the header has 3")),
        ("2016-1-1,spam,a,b", BrokenRow(3, "", "has 4 fields where the header has 3")),
        ("2016-1-1,spam,  ", BrokenRow(3, "text", "is empty")),
        ("2016-1-1,spam,a\0b", BrokenRow(3, "text", "contains a NUL character at character 2")),
    ],
)
def test_broken_csv_row_is_named_and_the_next_one_read(tmp_path: Path, line: str, expected: BrokenRow) -> None:
    rows, broken = read(tmp_path, "a.csv", f"{HEADER}{GOOD}{line}\n{GOOD}")

    assert broken.shown == [expected]
    assert [row.line for row in rows] == [2, 4]


def test_quote_that_is_never_closed_is_named_by_the_line_it_opens_on(tmp_path: Path) -> None:
    (row,) = broken_in(tmp_path, "a.csv", f'{HEADER}{GOOD}2016-1-1,spam,"never closed\n{GOOD}')

    assert row.line == 3
    assert row.reason.startswith("is not CSV")


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ('{"text": ', "", "is not JSON (Expecting value"),
        ("[1]", "", "is not a JSON object"),
        ("[" * 100_000, "", "is JSON nested too deeply, or with a number of too many digits"),
        ('{"text": "a", "classification": "b"}', "time", "is missing"),
        ('{"text": "a", "classification": 1, "time": "2016-1-1"}', "classification", "is a number, not a string"),
        ('{"text": null, "classification": "b", "time": "2016-1-1"}', "text", "is null, not a string"),
        (
            '{"text": "\\ud800", "classification": "b", "time": "2016-1-1"}',
            "text",
            "contains a lone surrogate, half a character",
        ),
        ('{"text": "a", "classification": "b", "time": 3}', "time", "is a number, not a string"),
    ],
)
def test_broken_json_line_is_named_and_the_next_one_read(tmp_path: Path, line: str, column: str, reason: str) -> None:
    good = '{"text": "buy now", "classification": "spam", "time": "2016-1-1"}'
    rows, broken = read(tmp_path, "a.jsonl", f"{good}\n{line}\n{good}\n")

    assert [row.line for row in rows] == [1, 3]
    assert broken.count == 1
    assert broken.shown[0][:2] == (2, column)
    assert broken.shown[0].reason.startswith(reason)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_wrong_encoding_is_named_by_line_and_offset_and_costs_its_row_only(tmp_path: Path, name: str) -> None:
    content = (HEADER + GOOD).encode() + "2016-1-1,spam,caf\xe9\n".encode("latin-1") + GOOD.encode()
    rows, broken = read(tmp_path, name, content)

    assert [row.line for row in rows] == [2, 4]
    assert broken.shown == [BrokenRow(3, "", f"is not UTF-8: byte 0xe9 at offset {content.index(0xE9)} of the file")]


def test_offset_of_a_bad_byte_counts_the_byte_order_mark(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf{"text": "caf\xe9"}\n'
    (row,) = broken_in(tmp_path, "a.jsonl", content)

    assert f"offset {content.index(0xE9)} " in row.reason


@pytest.mark.parametrize("content", ["caf\xe9,time\n".encode("latin-1"), HEADER.encode("utf-16")])
def test_header_of_another_encoding_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ExamplesError, match=r"a\.csv:1: is not UTF-8: byte 0x.*save the file as UTF-8"):
        read(tmp_path, "a.csv", content)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "when,classification,text\n" + GOOD), ("a.jsonl", '{"when": 1, "classification": 2, "text": 3}')],
)
def test_missing_column_is_refused_with_those_there_are(tmp_path: Path, name: str, content: str) -> None:
    with pytest.raises(
        ExamplesError, match=r"no column 'time' or .* for the time; .*'when', 'classification', 'text'; .*--time"
    ):
        read(tmp_path, name, content)


def test_all_missing_columns_are_named_with_similar_ones() -> None:
    choice = ColumnChoice(classification="lable")
    with pytest.raises(ExamplesError) as refusal:
        choice.resolve(["body", "label", "nobody should read this text"], "a.csv:1")

    assert str(refusal.value) == (
        "a.csv:1: no column 'text' for the text, and no column 'lable' for the classification, and no column 'time' or "
        "'timestamp' or 'occurred_at' for the time; the file has the columns 'body', 'label', (one of 28 characters); "
        "name the right ones with --text, --classification, --time; did you mean label?"
    )


def test_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExamplesError, match="'text' appears twice"):
        read(tmp_path, "a.csv", "text,time,label,text\n")


@pytest.mark.parametrize(
    "line", ["2016-1-1,spam,nobody should read this", "no date,spam,nobody should read these words"]
)
def test_file_without_a_header_shows_no_text(tmp_path: Path, line: str) -> None:
    with pytest.raises(ExamplesError, match=r"a\.csv:1: ") as refusal:
        read(tmp_path, "a.csv", f"{line}\n")

    assert "nobody" not in str(refusal.value)


@pytest.mark.parametrize("value", ["my secret diary", "1" * 60])
def test_a_time_that_could_be_an_example_is_not_shown(tmp_path: Path, value: str) -> None:
    (row,) = broken_in(tmp_path, "a.csv", f"{HEADER}{value},spam,text\n")

    assert value not in row.reason
    assert f"a text of {len(value)} characters is not a date or time" in row.reason


def test_a_class_too_long_to_be_a_name_is_refused(tmp_path: Path) -> None:
    (row,) = broken_in(tmp_path, "a.csv", f"{HEADER}2016-1-1,{'s' * 1_001},text\n")

    assert row.reason == "has 1,001 characters; a class name has at most 1,000"


def test_only_the_first_broken_rows_are_kept_but_all_are_counted(tmp_path: Path) -> None:
    _, broken = read(tmp_path, "a.csv", HEADER + "no,spam,text\n" * 25)

    assert (broken.count, len(broken.shown)) == (25, 20)
    assert broken.describe().endswith(", and 24 more lines: 3, 4, 5, 6, 7, …")
    assert str(broken.error()).startswith("a.csv: 25 rows are broken, so nothing was loaded")


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExamplesError, match="is empty"):
        read(tmp_path, name, "")


def test_unknown_format_and_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExamplesError, match=r"no known format; .*\.csv"):
        SourceFile(tmp_path / "a.xlsx")
    with pytest.raises(ExamplesError, match="cannot be read"), SourceFile(tmp_path / "a.csv"):
        pass


def test_gzip_that_is_none_or_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    for content in (b"no gzip", gzip.compress((HEADER + GOOD * 1000).encode())[:-20]):
        path.write_bytes(content)
        with SourceFile(path) as source, pytest.raises(ExamplesError, match="damaged or cut off"):
            list(source.lines())
