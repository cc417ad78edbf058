"""`pipeline classify …` with a document, as a user runs it: files, pipes, and ends that come too early."""

import csv
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from commands import SCRIPT, run_pipeline
from pipeline.classifying.classify import MOST_ROWS
from unit.classifying.answering import TEXTS, read_file, train_logistic, train_svm, write_file

ROWS = [*csv.reader(["key,text", *(f"{number},{text}" for number, text in enumerate(TEXTS))])]
CSV = "".join(f"{','.join(row)}\n" for row in ROWS)
JSONL = "".join(json.dumps({"text": text}) + "\n" for text in TEXTS)
INTERRUPTIBLE = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {SCRIPT}"
"""A shell's background jobs, of which pytest may be one, ignore SIGINT."""
LIMITED = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); {SCRIPT}"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document of a model with probabilities."""
    path = tmp_path_factory.mktemp("document") / "model.bin"
    path.write_bytes(train_logistic().to_document("binary"))
    return path


@pytest.fixture
def run(document: Path, tmp_path: Path) -> Run:
    """Return a function that runs `pipeline classify` with the model, without a database or a deployment."""
    environ = {"PIPELINE_HOME": str(tmp_path / "none")}
    return lambda *arguments, **options: run_pipeline(
        environ, "classify", "--document", document, *arguments, **options
    )


@contextmanager
def started(document: Path, *arguments: object, code: str = SCRIPT) -> Iterator[subprocess.Popen[bytes]]:
    """Start `pipeline classify` with pipes, and kill it if the block leaves it running."""
    command = [sys.executable, "-c", code, "classify", "--document", str(document), *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=os.environ | {"PIPELINE_HOME": "/none"}, stdin=pipe, stdout=pipe, stderr=pipe
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_file_is_classified_into_a_file(run: Run, tmp_path: Path) -> None:
    done = run(write_file(tmp_path / "in.csv", CSV), "--output", tmp_path / "out.jsonl.gz", "--prefix", "new_")

    answers = [json.loads(line)["new_classification"] for line in read_file(tmp_path / "out.jsonl.gz").splitlines()]
    assert answers == train_logistic().classify(TEXTS)
    assert done.stdout.startswith("12 rows classified by ")
    assert done.stdout.endswith(f", 0 broken and left out; written to {tmp_path / 'out.jsonl.gz'}\n")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("output", [[], ["--output", "-"]])
def test_rows_go_through_pipes_in_their_format(run: Run, output: list[str]) -> None:
    as_csv = run("-", "--format", "csv", *output, stdin=CSV)
    as_json = run("-", "--format", "jsonl", *output, stdin=JSONL)

    rows = [*csv.DictReader(as_csv.stdout.splitlines())]
    objects = [json.loads(line) for line in as_json.stdout.splitlines()]
    answers = train_logistic().classify(TEXTS)
    assert [row["classification"] for row in rows] == [each["classification"] for each in objects] == answers
    assert [*rows[0]] == ["key", "text", "classification", "probability"]
    assert (as_csv.stderr, as_json.stderr) == ("", "")


def test_a_packed_file_is_read_from_stdin(document: Path) -> None:
    with started(document, "-", "--format", "jsonl") as process:
        out, errors = process.communicate(gzip.compress(JSONL.encode()))

    assert (out.count(b"\n"), errors, process.returncode) == (12, b"", 0)


def test_a_file_whose_name_says_nothing_has_the_format_that_is_given(run: Run, tmp_path: Path) -> None:
    path = write_file(tmp_path / "in.txt", CSV)

    assert "in.txt: has no known format" in run(path).stderr
    assert run(path, "--format", "csv").stdout.startswith("key,text,classification,probability\n0,")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-"], "stdin: its format is unknown; --format csv or --format jsonl"),
        (["none.csv"], "none.csv: cannot be read (No such file"),
        (["in.csv", "--output", "out.xlsx"], "out.xlsx: has no known format; a name that ends in .csv, .jsonl"),
        (["in.csv", "--model", "@champion"], "--document: "),
        (["in.csv", "--text", "txt"], "did you mean text?"),
        (["in.csv"], "in.csv:3, column text: is empty; fix the file, or classify the rest of it with --skip-bad"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    run: Run, arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_file(tmp_path / "in.csv", "key,text\n0,secret words\n1, \n")

    done = run(*arguments)

    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_no_document_is_refused(tmp_path: Path) -> None:
    path = write_file(tmp_path / "in.csv", CSV)

    for document, told in ((path, "error document: not JSON"), (tmp_path / "none.json", "none.json: cannot be read")):
        done = run_pipeline({"PIPELINE_HOME": str(tmp_path)}, "classify", path, "--document", document)
        assert told in done.stderr
        assert (done.returncode, done.stdout) == (1, "")


def test_without_a_document_and_a_deployment_it_is_told_how_to_have_one(tmp_path: Path) -> None:
    done = run_pipeline({"PIPELINE_HOME": str(tmp_path / "none")}, "classify", write_file(tmp_path / "in.csv", CSV))

    assert done.returncode == 1
    assert "pipeline up" in done.stderr


def test_broken_rows_are_left_out_and_told_on_stderr(run: Run, tmp_path: Path) -> None:
    done = run(write_file(tmp_path / "in.csv", CSV + "12\n"), "--skip-bad")

    assert done.stdout.count("\n") == 13
    assert done.stderr == "  in.csv:14: has 1 fields where the header has 2\n"
    assert done.returncode == 0


def test_probabilities_are_refused_where_the_model_has_none(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_bytes(train_svm().to_document())
    arguments = [write_file(tmp_path / "in.csv", CSV), "--document", tmp_path / "model.json", "--probabilities"]

    done = run_pipeline({"PIPELINE_HOME": str(tmp_path)}, "classify", *arguments)

    assert (done.returncode, done.stdout) == (1, "")
    assert "gives no probabilities" in done.stderr


def write(process: subprocess.Popen[bytes], rows: int, text: str = "a") -> None:
    """Send rows of JSON Lines to a process and leave its input open."""
    assert process.stdin is not None
    process.stdin.write((json.dumps({"text": text}) + "\n").encode() * rows)
    process.stdin.flush()


def output_of(process: subprocess.Popen[bytes]) -> IO[bytes]:
    """Return what a process prints."""
    assert process.stdout is not None
    return process.stdout


def test_answers_come_while_rows_still_come_in(document: Path) -> None:
    with started(document, "-", "--format", "jsonl") as process:
        write(process, MOST_ROWS)
        answers = [output_of(process).readline() for _ in range(MOST_ROWS)]
        assert process.poll() is None

    assert all(b"classification" in answer for answer in answers)


def test_a_broken_row_in_a_pipe_ends_without_waiting_for_more(document: Path) -> None:
    with started(document, "-", "--format", "jsonl") as process:
        write(process, 3)
        write(process, 2, text="")
        write(process, 1)
        assert process.wait(100) == 1

        assert output_of(process).read() == b""
        assert process.stderr is not None
        assert process.stderr.read().decode() == (
            "error stdin: 2 rows are broken, so classifying stopped\n"
            "  stdin:4, column text: is empty, and 1 more line: 5; "
            "fix the file, or classify the rest of it with --skip-bad.\n"
        )


def test_a_closed_pipe_ends_quietly(document: Path, tmp_path: Path) -> None:
    path = write_file(tmp_path / "in.jsonl", JSONL * 3_000)

    with started(document, path) as process:
        output_of(process).readline()
        output_of(process).close()
        assert process.wait(100) == 1

        assert process.stderr is not None
        assert process.stderr.read() == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_file_stays_as_it_was_if_a_signal_ends_it(document: Path, tmp_path: Path, number: signal.Signals) -> None:
    output = write_file(tmp_path / "out.jsonl", "before")

    with started(document, "-", "--format", "jsonl", "--output", output, code=INTERRUPTIBLE) as process:
        write(process, MOST_ROWS)
        limit = time.monotonic() + 100
        while len([*tmp_path.iterdir()]) == 1:  # the unfinished file
            assert time.monotonic() < limit
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(100) != 0

        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    assert [each.name for each in tmp_path.iterdir()] == ["out.jsonl"]
    assert read_file(output) == "before"


def test_a_file_stays_as_it_was_if_the_new_one_cannot_be_finished(document: Path, tmp_path: Path) -> None:
    path, output = (
        write_file(tmp_path / "in.csv", CSV + CSV.partition("\n")[2] * 50),
        write_file(tmp_path / "out.csv", "before"),
    )

    with started(document, path, "--output", output, code=LIMITED) as process:
        _, errors = process.communicate()

    assert process.returncode == 1
    assert "out.csv: cannot be written (File too large), so it is as it was before" in errors.decode()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.csv", "out.csv"]
    assert read_file(output) == "before"


def test_no_database_and_no_airflow_is_loaded_for_a_document(document: Path, tmp_path: Path) -> None:
    path = write_file(tmp_path / "in.csv", CSV)
    code = f"import sys\ntry:\n    {SCRIPT}\nfinally:\n    print(*sys.modules, file=sys.stderr)"

    with started(document, path, code=code) as process:
        _, errors = process.communicate()

    loaded = {name.partition(".")[0] for name in errors.decode().split()}
    assert "sklearn" in loaded
    assert not loaded & {"airflow", "alembic", "kombu", "psycopg", "sqlalchemy"}


def test_cells_with_quotes_and_line_ends_come_out_as_they_went_in(run: Run, tmp_path: Path) -> None:
    file = io.StringIO(newline="")
    rows = [["text", "note"], ['say "a"\r\nand b', "x,y"], ["c", 'é "\n"']]
    csv.writer(file).writerows(rows)
    path = tmp_path / "in.csv"
    path.write_bytes(b"\xef\xbb\xbf" + file.getvalue().encode())

    run(path, "--output", tmp_path / "out.csv")

    written = [*csv.reader(io.StringIO(read_file(tmp_path / "out.csv"), newline=""))]
    assert [row[:2] for row in written] == rows
