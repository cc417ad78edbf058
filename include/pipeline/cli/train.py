"""`pipeline train`"""

from typing import Annotated

import typer

from pipeline.cli.connect import airflow_api
from pipeline.cli.follow import follow_to_end
from pipeline.cli.output import AsJson, print_json, print_line, print_warnings
from pipeline.cli.plan import PlanFile, check
from pipeline.plans import read_plan
from pipeline.plans.wording import count_of


def train(
    plan: PlanFile,
    follow: Annotated[bool, typer.Option("--follow", help="Wait, and show each definition as it ends.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check a plan and train it; with --follow, wait and print the leaderboard."""
    content = read_plan(plan)
    expansion = check(content)
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
    follow_to_end(airflow, run_id, count, as_json=as_json)
