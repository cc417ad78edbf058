"""Files that are broken, or are something else: what is lost, what goes on loading, and what the error says."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import ExamplesError
from pipeline.examples.example import LONGEST_TEXT
from pipeline.loading import csv_rows, source_file
from pipeline.loading.source_file import LONGEST_LINE
from unit.loading.reading import GOOD, HEADER, read

OPEN = '2016-1-1,spam,"never closed\n'
GOOD_JSON = '{"text": "buy now", "classification": "spam", "time": "2016-1-1"}\n'


@pytest.mark.parametrize(
    ("behind", "good", "broken"),
    [
        (GOOD * 990, 990, [12]),
        (GOOD * 5 + '2016-1-1,spam,"one\ntwo"\n' + GOOD * 5, 11, [12]),
        (GOOD * 5 + '2016-1-1,spam,"one"\n' + GOOD * 5, 11, [12]),
        (GOOD * 5 + OPEN + GOOD * 5, 10, [12, 18]),
        (GOOD * 5 + '2016-1-1,spam,four",five\n' + GOOD * 5, 10, [12, 18]),
        (GOOD * 5 + '2016-1-1,spam,four"\n', 0, []),
    ],
    ids=["to the end", "many lines quoted", "a quoted text", "two", "too many fields", "a whole row"],
)
def test_a_quote_that_is_not_closed_costs_its_own_line(
    tmp_path: Path, behind: str, good: int, broken: list[int]
) -> None:
    rows, found = read(tmp_path, "a.csv", HEADER + GOOD * 10 + OPEN + behind)

    if not broken:  # nothing tells it from a text of many lines, as which it is read
        assert (len(rows), found.count) == (11, 0)
        return
    assert [row.line for row in found.shown] == broken
    assert found.count == len(broken)
    assert len(rows) == 10 + good


def test_lines_behind_an_open_quote_keep_their_numbers(tmp_path: Path) -> None:
    content = (
        f'{HEADER}{OPEN}{GOOD}2016-1-1,spam,"a\nb"\n2016-1-1,,d\n'.encode() + b"2016-1-1,spam,caf\xe9\n" + GOOD.encode()
    )
    rows, broken = read(tmp_path, "a.csv", content)

    assert [row.line for row in rows] == [3, 4, 8]
    assert [(row.line, row.column) for row in broken.shown] == [(2, ""), (6, "classification"), (7, "")]
    assert f"offset {content.index(0xE9)} " in broken.shown[2].reason


def test_an_open_quote_whose_field_grows_too_long_costs_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_rows, "LONGEST_TEXT", 1_000)
    rows, broken = read(tmp_path, "a.csv", HEADER + OPEN + GOOD * 100)

    assert (len(rows), broken.count) == (100, 1)
    assert "more than 1,000 characters, the longest text allowed, or a quote that is never closed" in broken.describe()


def test_a_file_of_nothing_but_open_quotes_is_read_in_a_time_that_grows_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_rows, "LONGEST_LINE", 100_000)
    _, broken = read(tmp_path, "a.csv", HEADER + 'y",x,"\n' * 30_000)  # takes minutes where every line reads on

    assert broken.count == 30_000


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_line_that_is_too_long_costs_its_row_only(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_file, "LONGEST_LINE", 1_000)
    good, head = (GOOD, HEADER) if name == "a.csv" else (GOOD_JSON, "")
    rows, broken = read(tmp_path, name, head + good + good.replace("buy now", "x" * 200_000) + good)

    assert (len(rows), broken.count) == (2, 1)
    line = 3 if head else 2
    assert broken.shown[0].line == line
    assert "a line has at most 1,000: shorten or split its text" in broken.shown[0].reason
    assert rows[1].line == line + 1


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
@pytest.mark.parametrize(("length", "good"), [(LONGEST_TEXT, 1), (LONGEST_TEXT + 1, 0)])
def test_one_limit_holds_for_a_text_in_every_format(tmp_path: Path, name: str, length: int, good: int) -> None:
    content = HEADER + GOOD if name == "a.csv" else GOOD_JSON
    rows, broken = read(tmp_path, name, content.replace("buy now", "x" * length))

    assert (len(rows), broken.count) == (good, 1 - good)
    if not good:
        assert f"{LONGEST_TEXT:,}" in broken.shown[0].reason
        assert "shorten or split it" in broken.shown[0].reason


MEASURE = """
import resource, sys
from pathlib import Path
from pipeline.loading.columns import ColumnChoice
from pipeline.loading.readers import read_rows
from pipeline.examples.broken_rows import BrokenRows
from pipeline.loading.source_file import SourceFile
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with SourceFile(Path(sys.argv[1])) as source:
    broken = BrokenRows(source.name)
    rows = sum(1 for _ in read_rows(source, ColumnChoice(), broken))
print(rows, broken.count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
print(broken.describe())
"""


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz", "a.csv"])
def test_a_line_of_half_a_gigabyte_takes_little_memory(tmp_path: Path, name: str) -> None:
    head, (before, after) = ("", GOOD_JSON.split("buy now")) if "jsonl" in name else (HEADER, GOOD.split("buy now"))
    path = tmp_path / name
    with gzip.open(path, "wb", 1) if name.endswith(".gz") else path.open("wb") as file:
        file.write(f"{head}{(head and GOOD) or GOOD_JSON}{before}".encode())
        for _ in range(512):
            file.write(b"x" * 2**20)
        file.write(f"{after}{(head and GOOD) or GOOD_JSON}".encode())

    told = subprocess.run([sys.executable, "-c", MEASURE, path], capture_output=True, text=True, check=True).stdout

    rows, broken, peak_mb = map(int, told.splitlines()[0].split())
    assert (rows, broken) == (2, 1)
    assert peak_mb < 200
    assert f":{3 if head else 2}: has 536,8" in told
    assert f"at most {LONGEST_LINE:,}: shorten or split its text" in told


def test_a_header_that_is_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_file, "LONGEST_LINE", 1_000)

    with pytest.raises(ExamplesError, match=r"a\.csv:1: has 5,000 bytes; a line has at most 1,000"):
        read(tmp_path, "a.csv", "x" * 5_000)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", (HEADER + GOOD).replace("\n", "\r"), r"carriage returns alone.*tr '\\r'"),
        ("a.jsonl", GOOD_JSON.replace("\n", "\r") * 2, "carriage returns alone"),
        ("a.jsonl", json.dumps([{"text": "a"}], indent=2), r"a JSON array, not JSON Lines; .*jq -c"),
        ("a.jsonl", "\ufeff" + json.dumps([{"text": "a"}]), "a JSON array, not JSON Lines"),
        ("a.csv", (HEADER + GOOD).replace(",", "\t"), r"separated by tabs; commas; save"),
        ("a.csv", (HEADER + GOOD).replace(",", ";"), r"separated by semicolons; commas"),
        ("a.csv", gzip.compress(HEADER.encode(), mtime=0), r"packed with gzip; UTF-8; add \.gz"),
        ("a.csv", b"PK\x03\x04rest", "a zip archive, or a spreadsheet"),
        ("a.csv", HEADER.encode("utf-16-le"), "begins with NUL bytes, as UTF-16"),
    ],
)  # fmt: skip
def test_a_file_of_something_else_is_told_what_it_is(
    tmp_path: Path, name: str, content: str | bytes, told: str
) -> None:
    with pytest.raises(ExamplesError, match=told):
        read(tmp_path, name, content)


def test_a_key_that_is_there_twice_is_a_broken_row(tmp_path: Path) -> None:
    twice = '{"text": "one", "classification": "spam", "time": "2016-1-1", "text": "two"}\n'
    nested = '{"text": "one", "classification": "spam", "time": "2016-1-1", "more": {"a": 1, "a": 2}}\n'
    rows, broken = read(tmp_path, "a.jsonl", GOOD_JSON + twice + nested)

    assert [row.line for row in rows] == [1, 3]
    assert broken.describe() == "  a.jsonl:2: has the key 'text' twice"


def test_a_fault_of_many_rows_is_told_once(tmp_path: Path) -> None:
    content = HEADER + "2016-1-1,,text\n" * 20 + "2016-2-30,spam,text\n2016-2-31,spam,text\n" + "2016-1-1,spam\n"
    _, broken = read(tmp_path, "a.csv", content)

    first, second, third = broken.describe().splitlines()
    assert first == "  a.csv:2, column classification: is empty, and 19 more lines: 3, 4, 5, 6, 7, …"
    assert second.startswith("  a.csv:22, column time: '2016-2-30' does not exist")
    assert second.endswith(", and 1 more line: 23")
    assert third == "  a.csv:24: has 2 fields where the header has 3"


def test_more_kinds_of_faults_than_are_kept_are_counted(tmp_path: Path) -> None:
    _, broken = read(tmp_path, "a.csv", HEADER + "".join("a," * width + "b\n" for width in range(3, 33)))

    assert broken.count == 30
    assert broken.describe().endswith("… and 10 more")


def test_a_row_of_very_many_keys_of_which_the_last_is_there_twice_is_refused(tmp_path: Path) -> None:
    # comparing each key with each would take hours; the suite's limit of five minutes ends that
    keys = ", ".join(f'"key {number}": 1' for number in range(500_000))

    rows, broken = read(tmp_path, "a.jsonl", f'{GOOD_JSON}{{{keys}, "key 499999": 2}}\n')

    assert (len(rows), broken.describe()) == (1, "  a.jsonl:2: has the key 'key 499999' twice")
