"""A split in sentences: `models show` prints that of a stored model, `plan preview` those of a plan's datasets."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from pipeline.cli.output import print_line
from pipeline.plans.differences import Key, format_value, list_block
from pipeline.plans.wording import count_of
from pipeline.runs.splits import SplitPreview


def format_split(examples: dict[str, Any], missing: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the sentences about a split, each with its title.

    Args:
        examples: the result of `describe_split`; that of an older model lacks some keys.
        missing: the classes that the dataset should use and that have no example left.
    """
    for title, name in {"training": "training", "chooses": "validation", "testing": "testing"}.items():
        part = examples.get(name)
        if part is None:
            continue
        classes = f" of {_count_classes(part['classes'])}" if "classes" in part else ""
        yield title, f"{count_of(part['count'], 'example')}{classes}, {part['first']} … {part['last']}"
    if folds := examples.get("folds"):
        yield "folds", f"{folds['count']}, which answer {count_of(folds['answered'], 'training example')}"
    if parts := [*_format_removed(examples)]:
        yield "removed", ", ".join(parts)
    if missing:
        yield "missing", f"no example is left of {', '.join(missing)}"
    if count := examples.get("classes_not_trained"):
        yield "unlearnt", _format_lack(count, examples["classes"], "training")
    if count := examples.get("classes_not_tested"):
        yield "untested", _format_lack(count, examples["classes"], "testing")
    for sentence in _format_cuts(examples):
        yield "cut", sentence
    if shared := examples.get("shared_texts"):
        tested = count_of(examples["shared_testing_examples"], "testing example")
        yield "shared", f"{count_of(shared, 'text')} in both sets, in {tested}"


def print_splits(splits: Sequence[SplitPreview], limit: int) -> None:
    """Print how datasets split, each under its name and the options in which it differs from the others."""
    blocks = [list_block("dataset", split.dataset.block) for split in splits]
    values: dict[Key, set[str]] = {}
    for block in blocks:
        for key, value in block.items():
            values.setdefault(key, set()).add(format_value(value))
    reasons: dict[str, int] = {}
    for split, block in zip(splits[:limit], blocks, strict=False):
        if split.not_looked_at:
            reasons[split.not_looked_at] = reasons.get(split.not_looked_at, 0) + 1
            continue
        options = [f"{key[2]}={format_value(value)}" for key, value in block.items() if key[2] and len(values[key]) > 1]
        told = f" ({', '.join(options)})" if options else ""
        print_line(f"{split.dataset.name} of {count_of(split.definitions, 'definition')}{told}:")
        for title, sentence in _format(split):
            print_line(f"  {title:8}  {sentence}")
    if len(splits) > limit:
        print_line(f"… and {count_of(len(splits) - limit, 'dataset')} more; --limit shows more, --json all of them")
    for reason, count in reasons.items():
        split_up = "splits" if count == 1 else "split"
        print_line(f"not checked: how {count_of(count, 'dataset')} {split_up}: {reason}")


def _format(split: SplitPreview) -> Iterator[tuple[str, str]]:
    if split.problem:
        yield "fails", split.problem
    if split.examples:
        yield from format_split(split.examples, split.missing_classes)


def _format_removed(examples: dict[str, Any]) -> Iterator[str]:
    contradicted = examples.get("ties", {}).get("contradicted_duplicates", 0)
    reasons = {
        "other_classes": "of other classes",
        "duplicates": "with the text of an older one"
        + (f" ({contradicted:,} of the same time and another class)" if contradicted else ""),
        "older": "older than the newest wanted",
        "small_classes": f"of too small classes ({examples.get('left_out_classes', 0):,})",
    }
    for reason, what in reasons.items():
        if count := examples.get(f"removed_{reason}"):
            yield f"{count:,} {what}"


def _format_cuts(examples: dict[str, Any]) -> Iterator[str]:
    ties = examples.get("ties", {})
    if cut := examples.get("validation", {}).get("cut"):
        count = cut["training"] + cut["validation"]
        told = f"{cut['training']:,} train, {cut['validation']:,} choose"
        yield f"validation_ratio cuts through {count:,} examples of {cut['moment']}: {told}"
    if cut := ties.get("split"):
        count = cut["training"] + cut["testing"]
        told = f"{cut['training']:,} train, {cut['testing']:,} test"
        yield f"the split cuts through {count:,} examples of {cut['moment']}: {told}"
    if cut := ties.get("max_examples"):
        count = cut["removed"] + cut["kept"]
        told = f"{cut['removed']:,} removed, {cut['kept']:,} kept"
        yield f"max_examples cuts through {count:,} examples of {cut['moment']}: {told}"


def _format_lack(count: int, of: int, what: str) -> str:
    return f"{count:,} of {_count_classes(of)} {'has' if count == 1 else 'have'} no {what} example"


def _count_classes(number: int) -> str:
    return f"{number:,} class{'es' * (number != 1)}"
