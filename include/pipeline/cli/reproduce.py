"""`pipeline reproduce`"""

import logging
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.connect import connections
from pipeline.cli.console import errors
from pipeline.cli.output import AsJson, print_json, print_line
from pipeline.cli.reference import Label, Version, resolve
from pipeline.log import load_structlog

if TYPE_CHECKING:
    from pipeline.runs.reproduce import Reproduction

_MOST_SHOWN = 10


def reproduce(
    label: Label,
    version: Version = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Train also if the examples are not those of then, on those of now.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train a stored model again and compare, byte by byte; nothing is stored.

    Exit code 0 if document, scores, curves and answers are identical; 1 if something differs, or if it was not trained
    because its examples differ.
    """
    from pipeline.runs.reproduce import reproduce as train_again

    structlog = load_structlog()  # of the training's log, only what is notable
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with errors.status("training again …"):
        found = train_again(connections(), *resolve(label, version), anyway=anyway)
    if as_json:
        print_json(_to_dict(found))
    else:
        _print(found)
    if not found.identical:
        raise typer.Exit(1)


def _print(found: "Reproduction") -> None:
    name = f"{found.label}@{found.version} of run {found.run_id}"
    if not found.trained:
        print_line(f"not trained  {name}: its examples are not those of then; --anyway trains it on those of now")
    elif found.identical:
        print_line(f"identical  {name}: the same {found.encoding} document, byte by byte, scores and answers")
    else:
        print_line(f"differs  {name}")
    for part, differences in found.differences.items():
        if found.identical:
            continue
        print_line(f"  {part:9}  {_tell(found, part) if differences else 'identical'}")
        for difference in differences[:_MOST_SHOWN]:
            print_line(f"    {difference}")
        if len(differences) > _MOST_SHOWN:
            print_line(f"    and {len(differences) - _MOST_SHOWN:,} more places; --json lists them")
    for sentence in found.examples.describe():
        print_line(f"  {'examples':9}  {sentence}")
    if found.changes:
        print_line("Not as it was when it was trained:" if found.trained else "Not as it was, besides:")
        for change in found.changes:
            print_line(f"  {change}")
    elif found.trained and not found.identical and found.examples.identical:
        print_line("Nothing in its lineage explains that; models of early versions do not record the processor.")


def _tell(found: "Reproduction", part: str) -> str:
    if part != "document":
        return "differs"
    told = ["the adapter's part is identical"] if found.adapter_identical else []
    told += ["the model's part is identical"] if found.rest_identical else []
    return f"differs; {', '.join(told)}" if told else "differs"


def _to_dict(found: "Reproduction") -> dict[str, Any]:
    examples = found.examples
    return {
        "label": found.label,
        "version": found.version,
        "run_id": found.run_id,
        "encoding": found.encoding,
        "trained": found.trained,
        "identical": found.identical,
        "adapter_identical": found.adapter_identical,
        "rest_identical": found.rest_identical,
        "differences": {part: [*map(str, found.differences[part])] for part in found.differences},
        "examples": {
            "identical": examples.identical,
            "then": examples.then,
            "now": examples.now,
            "testing": examples.testing,
            "testing_gone": examples.testing_gone,
            "changes": [each._asdict() for each in examples.changes],
            "sentences": [*examples.describe()],
        },
        "changes": [each._asdict() for each in found.changes],
    }
