"""`pipeline classify …`"""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.connect import aliases_store, models_store
from pipeline.cli.console import errors
from pipeline.cli.output import print_line
from pipeline.errors import PipelineError
from pipeline.loading.source_file import STDIN, Format, SourceFile, format_of

if TYPE_CHECKING:
    from pipeline.training.adapted_model import AdaptedModel

CHAMPION = "@champion"


def classify(
    file: Annotated[Path, typer.Argument(help="A .csv or .jsonl file, or either as .gz; UTF-8; - is stdin.")],
    text: Annotated[str, typer.Option(metavar="COLUMN", help="The column of the text.")] = "text",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write: .csv or .jsonl, or either as .gz; by default stdout."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help=f"A label, label@3 for version 3, or @alias; by default {CHAMPION}."),
    ] = None,
    document: Annotated[
        Path | None,
        typer.Option(help="A file that `pipeline models export` wrote, in place of a stored model: needs no database."),
    ] = None,
    file_format: Annotated[
        Format | None, typer.Option("--format", help="The format of FILE, if its name does not say it.")
    ] = None,
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Write the probability of every class.")
    ] = False,
    prefix: Annotated[str, typer.Option(help="What the names of the new columns begin with.")] = "",
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave broken rows out, and classify the others.")
    ] = False,
    accept_drift: Annotated[
        bool,
        typer.Option(
            "--accept-drift", help="Use the model even if it no longer answers as it did when it was trained."
        ),
    ] = False,
) -> None:
    """Classify the texts of a file; each row is written with its class behind.

    The new columns are classification, probability if the model gives it, and model, the label and version of the
    stored model. A file is written whole or not at all.
    """
    if file == STDIN and file_format is None:
        raise PipelineError("stdin", "its format is unknown", "--format csv or --format jsonl")
    source = SourceFile(file, file_format)
    output = None if output == STDIN else output
    if output is not None:
        format_of(output)  # a wrong name is refused before the model is loaded
    adapted, version = _load(model, document, accept_drift)
    from pipeline.classifying.classify import classify_file
    from pipeline.cli.progress import show_progress

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: no unfinished file is left
    hidden = output is None and sys.stdout.isatty()  # rows and bar would mix
    with source, show_progress(source.name, hidden) as on_progress:
        count, broken = classify_file(
            adapted,
            source,
            output,
            column=text,
            version=version,
            every=probabilities,
            prefix=prefix,
            skip_bad=skip_bad,
            on_progress=on_progress,
        )
    if broken.count:
        errors.print(broken.describe(), markup=False, highlight=False, soft_wrap=True)
    if output is not None:
        rows = f"{count:,} {'row' if count == 1 else 'rows'} classified by {version or document}"
        print_line(f"{rows}, {broken.count:,} broken and left out; written to {output}")


def _load(model: str | None, document: Path | None, accept_drift: bool) -> "tuple[AdaptedModel, str]":
    """Return the model, and its label and version; a document has none."""
    from pipeline.training.adapted_model import AdaptedModel

    if document is None:
        from pipeline.serialisation.document import join_document
        from pipeline.stores.models.read import MARK

        label, version = aliases_store().resolve(model or CHAMPION)
        tree = join_document(models_store().get_document(label, version))
        return AdaptedModel.from_dict(tree, accept_drift), f"{label}{MARK}{version}"
    if model is not None:
        raise PipelineError("--document", f"{str(document)!r} is given as well as --model {model}", "one of them")
    try:
        data = document.read_bytes()
    except OSError as error:
        raise PipelineError(str(document), f"cannot be read ({error.strerror})", "a file of `models export`") from None
    return AdaptedModel.from_document(data, accept_drift=accept_drift), ""
