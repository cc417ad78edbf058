"""`pipeline train`"""

from typing import Annotated

import typer

from pipeline.cli.choice import format_score, title_score
from pipeline.cli.connect import airflow_api
from pipeline.cli.follow import follow_to_end
from pipeline.cli.leaderboard import find_best
from pipeline.cli.output import AsJson, print_json, print_line, print_warnings
from pipeline.cli.plan import PlanFile, check
from pipeline.errors import PipelineError
from pipeline.plans import read_plan
from pipeline.plans.wording import count_of


def train(
    plan: PlanFile,
    follow: Annotated[bool, typer.Option("--follow", help="Wait, and show each definition as it ends.")] = False,
    alias: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="With --follow: point this alias at the run's best model by its metric."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a plan and train it; with --follow, wait and print the leaderboard."""
    content = read_plan(plan)
    expansion = check(content)
    if alias is not None:
        _check_alias(alias, follow)
    count = len(expansion.to_train)
    airflow = airflow_api()
    run_id = airflow.trigger(content)
    url = airflow.run_url(run_id)
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
