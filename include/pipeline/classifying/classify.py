"""Classify a file of texts in constant memory; the rows keep their order."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipeline.classifying.answer_columns import AnswerColumns
from pipeline.classifying.output import open_output
from pipeline.classifying.row_writer import RowWriter
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.example import LONGEST_TEXT
from pipeline.loading.check_row import refuse_text
from pipeline.loading.columns import find_columns
from pipeline.loading.records import Record, Records, read_records
from pipeline.loading.source_file import Progress, SourceFile, format_of
from pipeline.threads import limit_threads
from pipeline.training.adapted_model import AdaptedModel

MOST_ROWS: Final = 1_024
MOST_CHARACTERS: Final = LONGEST_TEXT
"""What is classified at once: this many rows, or those that have this many characters, other columns included."""


def classify_file(
    model: AdaptedModel,
    source: SourceFile,
    output: Path | None,
    *,
    column: str = "text",
    version: str = "",
    every: bool = False,
    prefix: str = "",
    skip_bad: bool = False,
    on_progress: Progress | None = None,
) -> tuple[int, BrokenRows]:
    """Write a file's rows with the model's answers; return how many, and the broken rows, which are left out.

    Args:
        model: what answers.
        source: an open file of texts.
        output: the file to write; its name decides the format. None is standard output, in the source's format.
        column: the column of the text.
        version: as for `AnswerColumns`, like `every` and `prefix`.
        every: write the probability of every class.
        prefix: what the names of the new columns begin with.
        skip_bad: leave broken rows out.
        on_progress: called after each batch.

    Raises:
        BrokenRowsError: rows are broken and `skip_bad` is false; no file was written.
        ExamplesError: the source cannot be read, lacks the column, or has a column that is to be added.
        PipelineError: the output cannot be written, or the model does not give what is wanted.
    """
    target = source.format if output is None else format_of(output)
    answers = AnswerColumns(model, target, version, every, prefix)
    broken = BrokenRows(source.name)
    # a file of broken rows only has no columns that are known
    records = read_records(source, broken) or Records([column], source.name, "", iter(()))
    find_columns({"text": [column]}, records.columns, records.where)
    writer = RowWriter(records, source.format, target, answers.names)
    rows = _read_texts(records, column, writer, broken)
    if not skip_bad:
        outcome = "classifying stopped" if output is None else "nothing was written"
        rows = _refuse_broken(rows, broken, outcome, reads_on=source.size_bytes is not None)
    count, header = 0, writer.header
    with limit_threads(), open_output(output) as write:
        for batch in _cut(rows):
            told = _answer(model, [record.values[column] for record in batch])
            filled = (answers.fill(*answer) for answer in told)
            write(header + "".join(map(writer.write, batch, filled)))
            count, header = count + len(batch), ""
            if on_progress:
                on_progress(source.position_bytes(), source.size_bytes)
        write(header)  # of a file without rows
    return count, broken


def _read_texts(records: Records, column: str, writer: RowWriter, broken: BrokenRows) -> Iterator[Record]:
    """Yield the rows that can be classified and written, and add the others to `broken`."""
    for record in records.rows:
        line, values, _ = record
        if column not in values:
            broken.add(line, column, "is missing")
        elif fault := refuse_text(values[column]):
            broken.add(line, column, *fault)
        elif refusal := writer.refuse(values):
            broken.add(line, *refusal)
        else:
            yield record


def _refuse_broken(rows: Iterator[Record], broken: BrokenRows, outcome: str, reads_on: bool) -> Iterator[Record]:
    """Yield rows until one is broken; then, unless a pipe may never end, find every broken row for the error."""
    for row in rows:
        if broken.count:
            break
        yield row
    if broken.count:
        if reads_on:
            deque(rows, maxlen=0)
        raise broken.error(outcome, "classify")


def _cut(rows: Iterator[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += len(row.written)
        if len(batch) == MOST_ROWS or characters >= MOST_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _answer(model: AdaptedModel, texts: list[str]) -> Iterator[tuple[str, list[float] | None]]:
    """Return each text's class, and the probability of every class if the model gives them."""
    classes, shares = model.answer(texts)
    rows: list[list[float] | None] = [None] * len(texts) if shares is None else shares.tolist()
    return zip(classes, rows, strict=True)
