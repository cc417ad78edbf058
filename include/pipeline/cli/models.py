"""`pipeline models …`"""

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from pipeline.cli import model_removal
from pipeline.cli.choice import describe_validation_set, format_score
from pipeline.cli.compare import compare
from pipeline.cli.connect import evaluations_store, models_store
from pipeline.cli.console import console
from pipeline.cli.leaderboard import (
    describe_testing_set,
    format_interval,
    format_marks,
    format_size,
    print_marks,
)
from pipeline.cli.model_errors import list_errors
from pipeline.cli.model_history import show_history
from pipeline.cli.output import AsJson, AsPlot, Limit, check_one_form, print_json, print_line, print_table
from pipeline.cli.reference import Label, Version, resolve
from pipeline.cli.splits import format_split
from pipeline.errors import PipelineError
from pipeline.examples.classes import find_missing
from pipeline.examples.example import LONGEST_TEXT, check_texts
from pipeline.plans.definition import SECTIONS
from pipeline.plans.differences import format_value
from pipeline.serialisation.binary_document import MAGIC
from pipeline.serialisation.document import join_document, write_document
from pipeline.stores.models.leaderboard import group_by_sets
from pipeline.training.marks import MARKS

app = typer.Typer(help="List, show, compare, export, try, delete and retire stored models.", no_args_is_help=True)

STDIN: Final = "-"
MOST_EVALUATIONS: Final = 5
"""How many evaluations `show` tells of; `GET models/MODEL/evaluations` lists all."""

Encoding = Literal["json", "binary"]


@app.command("list")
def list_models(
    run: Annotated[str | None, typer.Option(help="Only models of this run.")] = None,
    limit: Limit = 100,
    retired: Annotated[bool, typer.Option("--retired", help="Those that are retired, instead of the others.")] = False,
    as_json: AsJson = False,
) -> None:
    """List stored models by testing set, the best by accuracy first in each; the newest set comes first."""
    found = models_store().list_models(run, limit, retired=retired)
    if as_json:
        print_json(found)
    elif not found and retired:
        console.print("No model is retired.")
    elif not found:
        console.print(
            f"No models of run {run}." if run else "No models yet. Train some with `pipeline train PLAN.json`."
        )
    else:
        groups = group_by_sets(found)
        for number, group in enumerate(groups):
            if number:
                print_line("")
            _print_models(group)
            print_line(describe_testing_set(group[0]["testing_set"]))
            if group[0]["validation_set"]:
                print_line(f"validation: accuracy {describe_validation_set(group[0]['validation_set'])}")
        print_marks(found)
        for each in found if retired else ():
            when = f"{each['retired_at']:%Y-%m-%d}"
            print_line(
                f"{each['label']}@{each['version']} retired by {each['retired_by']} on {when}: {each['retired_for']}"
            )


def _print_models(models: list[dict[str, Any]]) -> None:
    chosen_on = models[0]["validation_set"]
    columns = (
        "label",
        "version",
        "validation",
        "accuracy",
        "marks",
        "95 % interval",
        "macro F1",
        "seconds",
        "size",
        "stored",
        "run",
    )
    rows = [
        (
            model["label"],
            model["version"],
            format_score(model),
            model["accuracy"],
            format_marks(model["marks"]),
            format_interval(model["accuracy_interval"]),
            model["macro_f1"],
            model["training_seconds"],
            format_size(model["size_bytes"]),
            model["created_at"],
            model["run_id"],
        )
        for model in models
    ]
    marked = any(model["marks"] for model in models)
    without = {name for name, shown in (("marks", marked), ("validation", chosen_on)) if not shown}
    places = [place for place, column in enumerate(columns) if column not in without]
    print_table([columns[place] for place in places], [[row[place] for place in places] for row in rows])


@app.command("show")
def show_model(label: Label, version: Version = None, as_json: AsJson = False, plot: AsPlot = False) -> None:
    """Show a model's definition, scores and lineage."""
    check_one_form(as_json, plot)
    label, version = resolve(label, version)
    model = models_store().get_model(label, version)
    if as_json:
        print_json(model)
        return
    scores, examples = model["scores"], model["lineage"]["examples"]
    print_line(f"{label} version {model['version']} of run {model['run_id']}\n")
    if model["retired_at"]:
        when = f"{model['retired_at']:%Y-%m-%d}"
        print_line(f"retired   by {model['retired_by']} on {when}: {model['retired_for']}")
    for section in SECTIONS:
        block = model["definition"][section]
        options = ", ".join(f"{name} = {format_value(value)}" for name, value in sorted(block["options"].items()))
        print_line(f"{section:8}  {block['name']}: {options}")
    named = model["definition"]["dataset"]["options"].get("classes")
    missing = find_missing(named, scores["per_class"]) if isinstance(named, list) else []
    for title, sentence in format_split(examples, missing):
        print_line(f"{title:8}  {sentence}")
    print_line(f"{'tested':8}  {describe_testing_set(model['testing_set'])}")
    if warned := model["lineage"].get("warnings"):
        print_line(f"{'warned':8}  {', '.join(warned)}; the log of its task instance says what to do")
    for mark in model["marks"]:
        print_line(f"{'marked':8}  {mark}: {MARKS.get(mark, '')}")
    if chosen_on := model["validation_set"]:
        mean, deviation = scores["validation"]["mean"], scores["validation"].get("deviation", {})
        chosen = {"score": mean["accuracy"], "deviation": deviation.get("accuracy")}
        print_line(f"{'chosen':8}  accuracy {format_score(chosen)} {describe_validation_set(chosen_on)}")
    for each in evaluations_store().list_newest(label=label, version=model["version"], limit=MOST_EVALUATIONS):
        marks = f"; {format_marks(each['marks'])}" if each["marks"] else ""
        told = f"accuracy {each['accuracy']:.3f} ({format_interval(each['accuracy_interval'])})"
        print_line(f"{'evaluated':9} {told} on {describe_testing_set(each['testing_set'])}{marks}")
    interval = format_interval(scores["accuracy_interval"])
    print_line(
        f"\naccuracy {scores['accuracy']:.3f} ({interval}), macro F1 {scores['macro_f1']:.3f}, "
        f"gain {model['gain']:+.3f} over always the majority class ({scores['baseline_accuracy']:.3f})"
    )
    if plot:
        from pipeline.cli.pictures.model import print_model

        print_model(scores, models_store().get_curves(label, model["version"]))
        return
    print_line("")
    classes = sorted(scores["per_class"].items(), key=lambda item: (-item[1]["support"], item[0]))
    rows = [(name, part["precision"], part["recall"], part["f1"], part["support"]) for name, part in classes]
    print_table(("class", "precision", "recall", "F1", "support"), rows)


app.command("compare")(compare)


@app.command("export")
def export_model(
    label: Label,
    version: Version = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write; by default stdout.")] = None,
    encoding: Annotated[
        Encoding | None, typer.Option(help="json, or binary, which is smaller; by default the stored encoding.")
    ] = None,
) -> None:
    """Write a model's document; `AdaptedModel.from_document` loads it."""
    stored = models_store().get_document(*resolve(label, version))
    document = write_document(join_document(stored), encoding or stored.encoding)
    if output is None:
        typer.echo(document, nl=not document.startswith(MAGIC))
        return
    try:
        output.write_bytes(document)
    except OSError as error:
        raise PipelineError(str(output), f"cannot be written ({error.strerror})") from None
    print_line(f"{format_size(len(document))} written to {output}")


@app.command("classify")
def classify(
    label: Label,
    texts: Annotated[list[str], typer.Argument(help="One or more texts, each in quotes; - reads one from stdin.")],
    version: Version = None,
    accept_drift: Annotated[
        bool,
        typer.Option(
            "--accept-drift", help="Use the model even if it no longer answers as it did when it was trained."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Classify texts with a stored model; print each one's class and, if the model has them, its probability."""
    from pipeline.training.adapted_model import AdaptedModel

    texts = _read_texts(texts)
    stored = models_store().get_document(*resolve(label, version))
    model = AdaptedModel.from_dict(join_document(stored), accept_drift)
    classes, probabilities = model.answer(texts)
    rows: list[dict[str, Any]] = [
        {"classification": name, "text": text} for name, text in zip(classes, texts, strict=True)
    ]
    if probabilities is not None:
        for row, shares in zip(rows, probabilities, strict=True):
            row["probability"] = float(shares[model.model.classes.index(row["classification"])])
    if as_json:
        print_json(rows)
    elif probabilities is not None:
        cells = [(row["classification"], row["probability"], row["text"]) for row in rows]
        print_table(("class", "probability", "text"), cells, fold="text")
    else:
        print_table(("class", "text"), [(row["classification"], row["text"]) for row in rows], fold="text")


def _read_texts(given: list[str]) -> list[str]:
    """Return the texts that the arguments mean.

    Raises:
        PipelineError: stdin is asked for twice or cannot be read, or a text cannot be classified.
    """
    if given.count(STDIN) > 1:
        raise PipelineError("texts", f"{STDIN} is given {given.count(STDIN)} times", "stdin is one text; give it once")
    texts = [_read_stdin() if text == STDIN else text for text in given]
    check_texts(texts, "texts")
    return texts


def _read_stdin() -> str:
    """Return the text on stdin, without the line end that `echo` and editors add."""
    try:
        text = typer.get_text_stream("stdin", encoding="utf-8", errors="strict").read(LONGEST_TEXT + 2)
    except UnicodeDecodeError:
        raise PipelineError("stdin", "is not text in UTF-8", next_step="convert it, for example with `iconv`") from None
    if len(text) > LONGEST_TEXT + 1:  # the rest is not read
        raise PipelineError("stdin", f"more than {LONGEST_TEXT:,} characters", next_step="shorten or split the text")
    return text.removesuffix("\n")


app.command("errors")(list_errors)
app.command("history")(show_history)
for command in (model_removal.delete, model_removal.retire, model_removal.bring_back, model_removal.deleted):
    app.command()(command)
