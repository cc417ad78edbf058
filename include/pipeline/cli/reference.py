"""How commands name a stored model."""

from typing import Annotated

import typer

from pipeline.cli.connect import aliases_store
from pipeline.errors import PipelineError
from pipeline.stores.models.read import MARK

Label = Annotated[str, typer.Argument(help="A model: its label, label@3 for version 3, or @alias.")]
Version = Annotated[int | None, typer.Option(min=1, max=1_000_000_000, help="The version; by default the newest.")]


def resolve(label: str, version: int | None = None) -> tuple[str, int | None]:
    """Return the label and version that the arguments mean.

    Raises:
        NotFoundError: there is no such alias or version.
        PipelineError: the version is given twice.
    """
    if MARK not in label:
        return label, version
    if version is not None:
        raise PipelineError("version", f"given twice, by {label!r} and by --version {version}", "give it once")
    return aliases_store().resolve(label)
