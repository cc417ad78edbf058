"""`pipeline train`"""

from contextlib import suppress
from typing import Annotated, Any

import typer

from pipeline.cli.called import NameOption, NoteOption, TagOption
from pipeline.cli.choice import format_score, title_score
from pipeline.cli.connect import airflow_api, ledger
from pipeline.cli.follow import follow_to_end
from pipeline.cli.leaderboard import find_best
from pipeline.cli.output import AsJson, print_json, print_line, print_warnings
from pipeline.cli.plan import PlanFile, check
from pipeline.errors import DatabaseUnavailableError, PipelineError
from pipeline.plans import read_plan
from pipeline.plans.wording import count_of


def train(
    plan: PlanFile,
    follow: Annotated[bool, typer.Option("--follow", help="Wait, and show each definition as it ends.")] = False,
    alias: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="With --follow: point this alias at the run's best model by its metric."),
    ] = None,
    name: NameOption = None,
    note: NoteOption = None,
    tag: TagOption = None,
    as_json: AsJson = False,
) -> None:
    """Check a plan and train it; with --follow, wait and print the leaderboard."""
    content = _call(read_plan(plan), name, note, tag or [])
    expansion = check(content)
    if alias is not None:
        _check_alias(alias, follow)
    count = len(expansion.to_train)
    airflow = airflow_api()
    settings = expansion.settings
    run_id = airflow.trigger(content, "\n\n".join(text for text in (settings.name, settings.note) if text))
    url = airflow.run_url(run_id)
    with suppress(DatabaseUnavailableError):  # the run's first task writes it too
        if expansion.now is not None:
            expansion = check(content, airflow.get_trigger_time(run_id))
        ledger().open_run(run_id, content, expansion, again=False)
    if not as_json:
        print_warnings(expansion.warnings)
        duplicates = f" and {count_of(len(expansion.duplicates), 'duplicate')}" if expansion.duplicates else ""
        print_line(f"{count_of(count, 'definition')}{duplicates} in run {run_id}\n{url}")
    if not follow:
        if as_json:
            print_json({"run": run_id, "url": url, "definitions": count})
        else:
            print_line(f"See its progress: `pipeline runs show {run_id}`")
        return
    definitions = follow_to_end(airflow, run_id, count, as_json=as_json)
    if alias is not None:
        best = find_best(definitions)
        why = f"{title_score(best)} {format_score(best)}, the best of run {run_id}"
        _point_alias(alias, best["label"], best["version"], why)


def _call(plan: Any, name: str | None, note: str | None, tags: list[str]) -> Any:
    """Return a plan with the name and the note in place of its own, and with the tags besides its own."""
    if not isinstance(plan, dict):
        return plan
    own = plan.get("tags", [])
    called = {"name": name, "note": note, "tags": [*own, *tags] if tags and isinstance(own, list) else None}
    return plan | {key: value for key, value in called.items() if value is not None}


def _check_alias(alias: str, follow: bool) -> None:
    from pipeline.stores.models.aliases import check_alias

    if not follow:
        raise PipelineError("--alias", "needs --follow: the best model is known when the run has ended")
    check_alias(alias)


def _point_alias(alias: str, label: str, version: int, why: str) -> None:
    """Point an alias at a model, and wait for the service on this machine, if it serves the alias."""
    from pipeline.cli.aliases import point_alias
    from pipeline.cli.in_service import wait_until_served

    point_alias(alias, f"{label}@{version}", why)
    print_line(f"@{alias} now points at {label} version {version}")
    wait_until_served(f"@{alias}", label, version)
