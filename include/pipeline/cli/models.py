"""`pipeline models …`"""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.connect import models_store
from pipeline.cli.leaderboard import format_interval, format_size
from pipeline.cli.output import AsJson, Limit, console, print_json, print_line, print_table
from pipeline.errors import PipelineError
from pipeline.plans.definition import SECTIONS

app = typer.Typer(help="Look at, export and try stored models.", no_args_is_help=True)

Label = Annotated[str, typer.Argument(help="A model's label, as `pipeline models list` shows it.")]
Version = Annotated[int | None, typer.Option(min=1, max=1_000_000_000, help="The newest where none is given.")]


@app.command("list")
def list_models(
    run: Annotated[str | None, typer.Option(help="Only this run's.")] = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List stored models, the most accurate first."""
    found = models_store().list_models(run, limit)
    if as_json:
        print_json(found)
    elif not found:
        console.print("No models yet: `pipeline train PLAN.json` trains some.")
    else:
        columns = ("label", "version", "accuracy", "95 % interval", "macro F1", "seconds", "size", "stored", "run")
        rows = [
            (
                model["label"],
                model["version"],
                model["accuracy"],
                format_interval(model["accuracy_interval"]),
                model["macro_f1"],
                model["training_seconds"],
                format_size(model["size_bytes"]),
                model["created_at"],
                model["run_id"],
            )
            for model in found
        ]
        print_table(columns, rows)


@app.command("show")
def show_model(label: Label, version: Version = None, as_json: AsJson = False) -> None:
    """Show one model: definition, scores, lineage."""
    model = models_store().get_model(label, version)
    if as_json:
        print_json(model)
        return
    scores, examples = model["scores"], model["lineage"]["examples"]
    print_line(f"{label} version {model['version']} of run {model['run_id']}\n")
    for section in SECTIONS:
        block = model["definition"][section]
        options = ", ".join(f"{name} = {value}" for name, value in sorted(block["options"].items()))
        print_line(f"{section:8}  {block['name']}: {options}")
    for name in ("training", "testing"):
        part = examples[name]
        print_line(f"{name:8}  {part['count']:,} examples, {part['first']} … {part['last']}")
    interval = format_interval(scores["accuracy_interval"])
    print_line(
        f"\naccuracy {scores['accuracy']:.3f} ({interval}), macro F1 {scores['macro_f1']:.3f}, "
        f"always the majority class {scores['baseline_accuracy']:.3f}\n"
    )
    classes = sorted(scores["per_class"].items(), key=lambda item: (-item[1]["support"], item[0]))
    rows = [(name, part["precision"], part["recall"], part["f1"], part["support"]) for name, part in classes]
    print_table(("class", "precision", "recall", "F1", "support"), rows)


@app.command("export")
def export_model(
    label: Label,
    version: Version = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; stdout where none is given.")] = None,
) -> None:
    """Write a model's document, from which `AdaptedModel.from_json` makes the model again."""
    document = models_store().get_document(label, version)
    if output is None:
        typer.echo(document)
        return
    try:
        output.write_text(document, encoding="utf-8")
    except OSError as error:
        raise PipelineError(str(output), f"cannot be written ({error.strerror})") from None
    print_line(f"{format_size(len(document.encode()))} written to {output}")


@app.command("classify")
def classify(
    label: Label,
    texts: Annotated[list[str], typer.Argument(help="One or more texts, each in quotes.")],
    version: Version = None,
    as_json: AsJson = False,
) -> None:
    """Load a stored model and print the class of each text."""
    from pipeline.training.adapted_model import AdaptedModel

    model = AdaptedModel.from_json(models_store().get_document(label, version))
    classes = model.classify(texts)
    if as_json:
        print_json([{"text": text, "classification": name} for text, name in zip(texts, classes, strict=True)])
    else:
        print_table(("class", "text"), list(zip(classes, texts, strict=True)), fold="text")
