"""A file in, the same rows with their classes out: all of them in order, or no file."""

import csv
import errno
import gzip
import json
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.classifying import classify as module
from pipeline.errors import ExamplesError, PipelineError, TrainingError
from pipeline.examples.broken_rows import BrokenRowsError
from unit.classifying.answering import TEXTS, classify, read_file, train_logistic, train_svm, write_file

CSV = "key,text\n" + "".join(f"{number},{text}\n" for number, text in enumerate(TEXTS))
JSONL = "".join(json.dumps({"key": number, "text": text}) + "\n" for number, text in enumerate(TEXTS))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the few rows of a test be several batches."""
    monkeypatch.setattr(module, "MOST_ROWS", 5)


@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz"])
@pytest.mark.parametrize("target", ["out.csv", "out.csv.gz"])
def test_csv_keeps_its_rows_in_order(tmp_path: Path, name: str, target: str) -> None:
    count, broken = classify(write_file(tmp_path / name, CSV), tmp_path / target, version="label@3")

    rows = [*csv.reader(read_file(tmp_path / target).splitlines())]
    assert (count, broken.count) == (12, 0)
    assert rows[0] == ["key", "text", "classification", "model"]
    answers = train_svm().classify(TEXTS)
    assert rows[1:] == [[f"{key}", TEXTS[key], answers[key], "label@3"] for key in range(12)]


@pytest.mark.parametrize("name", ["in.jsonl", "in.jsonl.gz"])
@pytest.mark.parametrize("target", ["out.jsonl", "out.jsonl.gz"])
def test_json_lines_keep_their_rows_in_order(tmp_path: Path, name: str, target: str) -> None:
    classify(write_file(tmp_path / name, JSONL), tmp_path / target, train_logistic())

    rows = [json.loads(line) for line in read_file(tmp_path / target).splitlines()]
    model = train_logistic()
    shares = model.probabilities(TEXTS)
    assert rows == [
        {"key": key, "text": TEXTS[key], "classification": name, "probability": float(shares[key].max())}
        for key, name in enumerate(model.classify(TEXTS))
    ]


def test_the_probability_of_every_class_is_written_if_wanted(tmp_path: Path) -> None:
    model = train_logistic()
    options = {"every": True, "version": "label@1", "prefix": "new_"}
    classify(write_file(tmp_path / "in.csv", CSV), tmp_path / "out.csv", model, **options)
    classify(write_file(tmp_path / "in.jsonl", JSONL), tmp_path / "out.jsonl", model, **options)

    rows = [*csv.DictReader(read_file(tmp_path / "out.csv").splitlines())]
    objects = [json.loads(line) for line in read_file(tmp_path / "out.jsonl").splitlines()]
    names = [f"new_{name}" for name in ("classification", "probability", "model")]
    assert [*rows[0]] == ["key", "text", *names, *(f"new_probability_{name}" for name in model.model.classes)]
    assert [*objects[0]] == ["key", "text", *names, "new_probabilities"]
    for row, each, shares in zip(rows, objects, model.probabilities(TEXTS).tolist(), strict=True):
        assert each["new_probabilities"] == dict(zip(model.model.classes, shares, strict=True))
        assert [float(row[f"new_probability_{name}"]) for name in model.model.classes] == shares
        assert each["new_probability"] == max(shares) == float(row["new_probability"])


def test_a_model_without_probabilities_is_refused_if_they_are_wanted(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"label@1: gives no probabilities; .*omit --probabilities"):
        classify(write_file(tmp_path / "in.csv", CSV), tmp_path / "out.csv", every=True, version="label@1")


def test_a_file_may_be_replaced_by_its_own_answers(tmp_path: Path) -> None:
    path = write_file(tmp_path / "in.csv", CSV)
    path.chmod(0o640)
    (tmp_path / "link.csv").symlink_to(path)

    classify(path, tmp_path / "link.csv")

    assert read_file(path).count("\n") == 13
    assert "classification" in read_file(path)
    assert path.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "link.csv").is_symlink()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.csv", "link.csv"]


def test_the_same_rows_packed_are_the_same_bytes(tmp_path: Path) -> None:
    path = write_file(tmp_path / "in.csv", CSV)
    classify(path, tmp_path / "a.csv.gz")
    classify(path, tmp_path / "b.csv.gz")

    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


BROKEN = CSV.replace(f"3,{TEXTS[3]}", "3, ").replace(f"7,{TEXTS[7]}", "7").replace(f"10,{TEXTS[10]}", "10,\u200b")


def test_broken_rows_are_all_named_and_nothing_is_written(tmp_path: Path) -> None:
    write_file(tmp_path / "out.csv", "before")

    with pytest.raises(BrokenRowsError) as refusal:
        classify(write_file(tmp_path / "in.csv", BROKEN), tmp_path / "out.csv")

    assert str(refusal.value) == (
        "in.csv: 3 rows are broken, so nothing was written\n"
        "  in.csv:5, column text: is empty, and 1 more line: 12\n"
        "  in.csv:9: has 1 fields where the header has 2; "
        "fix the file, or classify the rest of it with --skip-bad."
    )
    assert read_file(tmp_path / "out.csv") == "before"
    assert len([*tmp_path.iterdir()]) == 2


def test_broken_rows_are_left_out_if_wanted(tmp_path: Path) -> None:
    count, broken = classify(write_file(tmp_path / "in.csv", BROKEN), tmp_path / "out.csv", skip_bad=True)

    assert (count, broken.count) == (9, 3)
    assert broken.describe().startswith("  in.csv:5, column text: is empty, and 1 more line: 12")
    keys = [row["key"] for row in csv.DictReader(read_file(tmp_path / "out.csv").splitlines())]
    assert keys == ["0", "1", "2", "4", "5", "6", "8", "9", "11"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"text": ""}', "in.jsonl:2, column text: is empty"),
        ('{"text": 1}', "in.jsonl:2, column text: is a number, not a string"),
        ('{"texts": "a"}', "in.jsonl:2, column text: is missing"),
        ('{"text": "a"', "in.jsonl:2: is not JSON"),
        ('{"text": "a", "model": 1}', "in.jsonl:2, column model: is a name that answers need"),
        ('{"text": "%s"}' % ("x" * 4_000_001), "in.jsonl:2, column text: has 4,000,001 characters, and a text has at"),
    ],
)
def test_a_broken_row_is_named_by_line_and_column(tmp_path: Path, line: str, told: str) -> None:
    path = write_file(tmp_path / "in.jsonl", f'{{"text": "a"}}\n{line}\n')

    with pytest.raises(BrokenRowsError) as refusal:
        classify(path, tmp_path / "out.jsonl", version="label@1")

    assert told in str(refusal.value)


def test_a_missing_column_is_refused_with_a_similar_one(tmp_path: Path) -> None:
    with pytest.raises(ExamplesError) as refusal:
        classify(write_file(tmp_path / "in.csv", CSV), tmp_path / "out.csv", column="txt")

    assert str(refusal.value) == (
        "in.csv:1: no column 'txt' for the text; the file has the columns 'key', 'text'; "
        "name the right ones with --text; did you mean text?"
    )


def test_a_name_that_is_taken_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = write_file(tmp_path / "in.csv", CSV.replace("key", "classification", 1))

    with pytest.raises(ExamplesError, match=r"in\.csv:1: has the column 'classification', which .*--prefix"):
        classify(path, tmp_path / "out.csv")
    classify(path, tmp_path / "out.csv", prefix="predicted_")

    assert read_file(tmp_path / "out.csv").startswith("classification,text,predicted_classification\n")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [("in.csv", "text,a\n", "text,a,classification\n"), ("in.jsonl", "", ""), ("in.jsonl", "\n", "")],
)
def test_no_rows_in_are_no_rows_out(tmp_path: Path, name: str, content: str, expected: str) -> None:
    target = tmp_path / f"out{Path(name).suffix}"

    assert classify(write_file(tmp_path / name, content), target)[0] == 0
    assert read_file(target) == expected


def test_a_full_disk_leaves_the_previous_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write_file(tmp_path / "out.csv", "before")
    monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(
        PipelineError, match=r"out\.csv: cannot be written \(the disk .* is full.*as it was before; make room"
    ):
        classify(write_file(tmp_path / "in.csv", CSV), tmp_path / "out.csv")

    assert read_file(tmp_path / "out.csv") == "before"
    assert len([*tmp_path.iterdir()]) == 2


@pytest.mark.parametrize(
    ("target", "told"),
    [("none/out.csv", "cannot be written .No such file or directory"), ("folder.csv", "is not a regular file")],
)
def test_what_cannot_be_a_file_is_refused(tmp_path: Path, target: str, told: str) -> None:
    (tmp_path / "folder.csv").mkdir()

    with pytest.raises(PipelineError, match=told):
        classify(write_file(tmp_path / "in.csv", CSV), tmp_path / target)


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl", "in.csv.gz"])
def test_memory_does_not_grow_with_the_number_of_rows(tmp_path: Path, name: str) -> None:
    note = "x" * 2_000
    lines = [f"{note},{text}\n" if "csv" in name else json.dumps({"note": note, "text": text}) + "\n" for text in TEXTS]
    head = "note,text\n" if "csv" in name else ""

    def measure(times: int) -> int:
        path = write_file(tmp_path / name, head + "".join(lines) * times)
        tracemalloc.start()
        try:
            assert classify(path, tmp_path / f"out-{name}")[0] == 12 * times
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    measure(5)  # what is imported and remembered at the first use
    few, many = measure(20), measure(200)

    assert many - few < len("".join(lines)) * 180 / 10


def test_long_rows_are_classified_in_smaller_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CHARACTERS", 1_000)
    sizes: list[int] = []

    def answer(_: object, texts: list[str]) -> Iterator[tuple[str, None]]:
        sizes.append(len(texts))
        return iter([("a", None)] * len(texts))

    monkeypatch.setattr(module, "_answer", answer)
    path = write_file(tmp_path / "in.csv", "text,more\n" + f"a,{'x' * 600}\n" * 3 + "a,b\n" * 7)

    classify(path, tmp_path / "out.csv")

    assert sizes == [2, 5, 3]


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    path = write_file(tmp_path / "in.csv.gz", CSV)
    told: list[tuple[int, int | None]] = []

    classify(path, tmp_path / "out.csv", on_progress=lambda done, size: told.append((done, size)))

    assert len(told) == 3
    assert told[-1] == (path.stat().st_size, path.stat().st_size)
    assert gzip.decompress(path.read_bytes()).decode() == CSV
