"""`pipeline models errors`"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.connect import connections
from pipeline.cli.output import AsJson, Limit, print_json, print_line, print_table, shorten_text, warn
from pipeline.cli.reference import Label
from pipeline.plans.wording import count_of

if TYPE_CHECKING:
    from pipeline.runs.wrong_answers import WrongAnswers


def list_errors(
    label: Label,
    truth: Annotated[str | None, typer.Option("--class", metavar="NAME", help="Only examples of this class.")] = None,
    answer: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Only examples that were given this class.")
    ] = None,
    ids: Annotated[
        list[str] | None,
        typer.Option(
            "--id",
            metavar="ID",
            help="This testing example, right or wrong: an id from a page, from `examples find` or from its file; "
            "repeatable.",
        ),
    ] = None,
    probability: Annotated[
        bool, typer.Option("--probability", help="Also the model's probability of each answer.")
    ] = False,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Show testing examples that a model answered wrongly, with their texts, oldest first; it needs the keys."""
    from pipeline.runs.wrong_answers import list_wrong_answers

    found = list_wrong_answers(connections(), label, truth, answer, ids or None, probabilities=probability, limit=limit)
    for each in found.unknown_ids:
        warn(f"{each} is of no testing example of {found.label}@{found.version}.")
    if as_json:
        print_json(asdict(found))
    else:
        _print(found, probability=probability, by_id=bool(ids))


def _print(found: "WrongAnswers", *, probability: bool, by_id: bool) -> None:
    columns = ["id", "class", "answer", *(["probability"] if probability else []), "text", "time"]
    rows: list[list[Any]] = [
        [
            each.id,
            each.truth,
            each.answer,
            *([each.probability] if probability else []),
            shorten_text(each.text),
            each.occurred_at,
        ]
        for each in found.items
    ]
    if rows:
        print_table(columns, rows, fold="text")
    left = found.matching - found.gone - len(rows)
    tested = count_of(found.tested, "testing example")
    asked = "" if found.matching == found.wrong and not by_id else f"; {found.matching:,} asked for"
    more = f", {left:,} not shown; see --limit" if left else ""
    print_line(f"{found.label}@{found.version}: {found.wrong:,} of {tested} answered wrongly{asked}{more}.")
    if found.gone:
        print_line(f"{found.gone:,} of {found.matching:,} are gone: deleted or corrected since.")
