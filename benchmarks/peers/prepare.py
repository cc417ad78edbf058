"""Make, from a plan and a file of examples, the work that every contestant gets."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peers.work import Work
from pipeline.datasets.split import Split
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.example import Example, ExampleSet, Selection
from pipeline.examples.ties import order_ties
from pipeline.loading.columns import ColumnChoice
from pipeline.loading.readers import read_rows
from pipeline.loading.source_file import SourceFile
from pipeline.plans import expand
from pipeline.plans.definition import Definition

PLANS = Path(__file__).parents[1] / "sweeps"


@dataclass(frozen=True)
class Sweep:
    """One plan: for the product as JSON and a file to load, for the others as one plain file."""

    name: str
    plan: dict[str, Any]
    work: Work
    work_file: Path
    examples_file: Path


class MemorySource:
    """The examples of a file, in memory; every collection holds all of them."""

    def __init__(self, path: Path) -> None:
        with SourceFile(path) as file:
            rows = sorted(_read(file), key=lambda row: row.occurred_at)
        texts, classes = [row.text for row in rows], [row.classification for row in rows]
        order_ties([round(row.occurred_at.timestamp() * 1e6) for row in rows], texts, classes, [b""] * len(rows))
        self._rows = ExampleSet(texts, classes, [row.occurred_at for row in rows], [b""] * len(rows))

    def fetch(self, selection: Selection) -> ExampleSet:
        """Return the examples of a span, oldest first, equal times in the order of the examples database."""
        moments = self._rows.occurred_at
        return self._rows.take([row for row, at in enumerate(moments) if selection.start <= at < selection.end])


def _read(file: SourceFile) -> Any:
    return read_rows(file, ColumnChoice(), BrokenRows(file.name))


def read_plan(name: str, sample: int | None) -> dict[str, Any]:
    """Return a plan of `benchmarks/sweeps`, with its dataset in a collection of the plan's name.

    Args:
        sample: keep only this number of its definitions.
    """
    plan: dict[str, Any] = json.loads((PLANS / f"{name}.json").read_text(encoding="utf-8"))
    plan["dataset"]["options"]["collection"] = name
    plan["sample"] = sample
    return plan


def prepare(name: str, source: MemorySource, folder: Path, cores: int, sample: int | None) -> Sweep:
    """Return the sweep of a plan, with its files in a folder.

    Raises:
        ValueError: the plan has several datasets, of which peers know only one, or trains a model twice.
    """
    plan = read_plan(name, sample)
    expansion = expand(plan)
    if len(expansion.datasets) != 1 or expansion.repeated or expansion.same_model:
        raise ValueError(f"{name}: all definitions must train different models, on one dataset")
    split = expansion.datasets[0].split(source)
    examples = _join(split)
    work = Work(
        texts=[each.text for each in examples],
        classifications=[each.classification for each in examples],
        training=len(split.training),
        definitions={each.label: each.to_dict() for each in expansion.to_train},
        seed=expansion.settings.seed,
        cores=cores,
        folds=None if split.folds is None else split.folds.numbers.tolist(),
        validation=len(split.validation or ()),
    )
    work_file, examples_file = folder / f"{name}.work.json", folder / f"{name}.csv"
    work.write(work_file)
    _write_examples(examples_file, split)
    return Sweep(name, plan, work, work_file, examples_file)


def _join(split: Split) -> list[Example]:
    return [*split.training, *(split.validation or ()), *split.testing]


def _write_examples(path: Path, split: Split) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "time", "label", "text"))
        for number, each in enumerate(_join(split)):
            writer.writerow((number, each.occurred_at.isoformat(), each.classification, each.text))


def count_parts(work: Work) -> dict[str, int]:
    """Return how many definitions, and how many different adapters in them, the work has."""
    definitions = [Definition.from_dict(each) for each in work.definitions.values()]
    return {"definitions": len(definitions), "adapters": len({each.adapter.effective for each in definitions})}
