"""What a run is called: the options that say so, and `pipeline runs describe`."""

from typing import Annotated, Any

import typer

from pipeline.cli.connect import connections, ledger
from pipeline.cli.output import AsJson, print_json, print_line
from pipeline.errors import PipelineError
from pipeline.plans.naming import read_called

NameOption = Annotated[str | None, typer.Option(help="What to call the run; shown wherever it is.")]
NoteOption = Annotated[str | None, typer.Option(help="What people should know about the run.")]
TagOption = Annotated[
    list[str] | None, typer.Option(help="A word by which the run is found; may be given several times.")
]


def describe_run(
    run_id: Annotated[str, typer.Argument(metavar="RUN")],
    name: NameOption = None,
    note: NoteOption = None,
    tag: TagOption = None,
    untag: Annotated[list[str] | None, typer.Option(help="A tag to remove; may be given several times.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change a run's name, note or tags; an empty --name or --note removes it."""
    from pipeline.stores.models.run_names import describe_run as describe

    changes: dict[str, Any] = {}
    if tag or untag:
        kept = ledger().get_run(run_id)["tags"]
        changes["tags"] = [each for each in [*kept, *(tag or [])] if each not in (untag or [])]
    changes |= {key: text or None for key, text in (("name", name), ("note", note)) if text is not None}
    if not changes:
        raise PipelineError(run_id, "nothing to change", "--name, --note, --tag or --untag")
    called = describe(connections().models_db, run_id, read_called(changes))
    if as_json:
        print_json({"run": run_id, **called})
    else:
        print_called(run_id, called)


def print_called(run_id: str, called: dict[str, Any]) -> None:
    """Print what a run is called: its name, tags and note."""
    tags = f"  [{', '.join(called['tags'])}]" if called["tags"] else ""
    print_line(f"{called['name'] or run_id}{tags}")
    if called["note"]:
        print_line(called["note"])
