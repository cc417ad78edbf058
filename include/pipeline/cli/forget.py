"""`pipeline examples forget`."""

from typing import Annotated

import typer

from pipeline.cli.aliases import announce_moves_now
from pipeline.cli.author import make_author
from pipeline.cli.connect import connections, removal_store
from pipeline.cli.console import errors
from pipeline.cli.example_choice import Collection, IdsFile, Why, Yes, choose, confirm, read_criteria
from pipeline.cli.model_removal import print_models
from pipeline.cli.output import AsJson, print_json, print_line
from pipeline.errors import ExamplesError
from pipeline.loading.load import DEFAULT_COLLECTION
from pipeline.plans.wording import count_of


def forget(
    why: Why,
    listed: Annotated[list[str] | None, typer.Argument(metavar="ID…", help="Ids, as --id of `delete`.")] = None,
    ids_file: IdsFile = None,
    collection: Collection = DEFAULT_COLLECTION,
    and_models: Annotated[
        bool, typer.Option("--and-models", help="Also delete the models that may have learnt from them.")
    ] = False,
    and_aliases: Annotated[
        bool, typer.Option("--and-aliases", help="Also remove aliases that point at such models.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Delete examples, and list or delete the models that were trained or tested on examples of their time."""
    from pipeline.runs.forget import forget as forget_everywhere

    criteria = read_criteria(collection, listed, ids_file, None, None, None, None)
    if criteria.ids is None:
        raise ExamplesError(
            "examples", "no id is given", "ids, or --ids FILE", "find them with `pipeline examples find`"
        )
    if and_aliases and not and_models:
        raise ExamplesError("--and-aliases", "given without --and-models", next_step="give both, or neither")
    author = make_author(why)
    chosen = choose(criteria)
    models = removal_store().list_trained_on(criteria.collection, chosen.moments)
    if models and not as_json:
        print_models(models, "trained or tested on examples of that time")
    also = f" and {count_of(len(models), 'model')}" if and_models and models else ""
    confirm(chosen, f"Delete {chosen.describe()}{also}?", yes)
    with errors.status("deleting …"):
        done = forget_everywhere(
            connections(), criteria.collection, chosen.rows, chosen.moments, author,
            and_models=and_models, and_aliases=and_aliases,
        )  # fmt: skip
    if and_aliases:
        announce_moves_now()
    if as_json:
        kept = [] if and_models else models
        print_json({"examples": done.examples, "deleted_models": done.models, "kept_models": kept})
        return
    print_line(f"{count_of(done.examples, 'example')} of {criteria.collection} deleted.")
    if and_models:
        print_line(f"{count_of(len(done.models), 'model')} deleted.")
    elif models:
        print_line("These models stay, with the words that they have learnt; --and-models deletes them too.")
