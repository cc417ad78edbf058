"""`pipeline prune`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.author import make_author
from pipeline.cli.connect import connections, home
from pipeline.cli.console import errors
from pipeline.cli.leaderboard import format_size
from pipeline.cli.output import AsJson, print_json, print_line
from pipeline.environment import MOST_KEPT, Keep
from pipeline.errors import PipelineError
from pipeline.plans.wording import count_of

if TYPE_CHECKING:
    from pipeline.runs.prune import Pruned

_DAYS, _BEST, _OF_RECIPE = (Keep.name_of(name) for name in ("days", "best", "of_recipe"))


def prune(
    days: Annotated[
        int | None, typer.Option(min=1, max=MOST_KEPT, help=f"Keep what is younger; by default {_DAYS}.")
    ] = None,
    best: Annotated[
        int | None,
        typer.Option(min=0, max=MOST_KEPT, help=f"Of each testing set, keep so many of the best; by default {_BEST}."),
    ] = None,
    of_recipe: Annotated[
        int | None,
        typer.Option(
            min=0, max=MOST_KEPT, help=f"Of each recipe, keep so many of the last tested; by default {_OF_RECIPE}."
        ),
    ] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete it; otherwise only tell what would be.")] = False,
    list_models: Annotated[bool, typer.Option("--list", help="List the models by name.")] = False,
    why: Annotated[str, typer.Option(help="The reason; kept with the models' names.")] = "pruned",
    as_json: AsJson = False,
) -> None:
    """Tell what is old and kept by nothing: models, runs, messages, logs; with --delete, delete it.

    What an alias points at, or pointed at before, is kept; so are models of open runs and what is not announced yet.
    """
    from pipeline.deployment.cleanup import AirflowCleaner
    from pipeline.deployment.home import Home
    from pipeline.runs.prune import Pruned, preview
    from pipeline.runs.prune import prune as prune_everything
    from pipeline.stores.models.prune import Policy

    settings = Keep.read()
    chosen = settings.days if days is None else days
    if chosen is None:
        raise PipelineError("--days", f"not given, and {_DAYS} is not set", "the number of days to keep, 1 or more")
    policy = Policy(
        chosen, settings.best if best is None else best, settings.of_recipe if of_recipe is None else of_recipe
    )
    place = Home(home())
    cleaner = AirflowCleaner(place) if place.path.is_dir() else None
    author = make_author(why)
    if not delete:
        found, models = preview(policy, connections(), cleaner)
        _report(found, "would be pruned", as_json, models if list_models else [])
        return
    with errors.status("pruning …") as status:

        def show(done: Pruned) -> None:
            status.update(f"pruning … {done.models:,} models, {done.runs:,} runs")

        done = prune_everything(policy, connections(), author, cleaner, show)
    _report(done, "pruned", as_json, [])


def _report(found: "Pruned", what: str, as_json: bool, models: list[dict[str, Any]]) -> None:
    if as_json:
        names = [f"{model['label']}@{model['version']}" for model in models]
        print_json(found.to_dict() | ({"list": names} if names else {}))
        return
    for model in models:
        print_line(f"{model['label']}@{model['version']} of run {model['run_id']}, {model['created_at']:%Y-%m-%d}")
    counts = (
        f"{count_of(found.models, 'model')} ({format_size(found.model_bytes)})",
        count_of(found.runs, "run"),
        count_of(found.evaluations, "evaluation"),
        count_of(found.messages, "message"),
        f"{count_of(found.split_accounts, 'account')} of splits",
        f"{count_of(found.log_folders, 'folder')} of logs ({format_size(found.log_bytes)})",
    )
    print_line(f"{', '.join(counts)} {what}.")
