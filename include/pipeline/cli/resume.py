"""`pipeline runs resume`"""

from typing import Annotated

import typer

from pipeline.airflow_client.runs import AirflowRun
from pipeline.cli.connect import airflow_api, connections
from pipeline.cli.follow import follow_to_end
from pipeline.cli.output import AsJson, print_json, print_line, print_warnings
from pipeline.plans.wording import count_of
from pipeline.runs.account import describe_account
from pipeline.runs.cancel import settle
from pipeline.runs.resume import count_changed, find_rest, resume

_CHANGED = (
    "{count} of this run will select other examples than at its start, and fail unless those are still prepared; "
    "to train on the current examples, trigger the plan again"
)


def resume_run(
    run_id: Annotated[str, typer.Argument(metavar="RUN")],
    follow: Annotated[bool, typer.Option("--follow", help="Wait, and show each definition as it ends.")] = False,
    as_json: AsJson = False,
) -> None:
    """Resume a run that has ended: train what is not trained, excluded or stopped by its search, under the same id."""
    airflow = airflow_api()
    airflow_run = AirflowRun(airflow, run_id)
    rest = find_rest(airflow_run, connections())
    count, url = len(rest.labels), airflow.run_url(run_id)
    if rest.run and not rest.labels:
        settle(run_id, connections())
        if as_json:
            print_json({"run": run_id, "url": url, "definitions": 0})
        else:
            print_line(f"Nothing is left to train in run {run_id}: {describe_account(rest.run)}")
        return
    if not as_json and (changed := count_changed(airflow_run, rest, connections())):
        print_warnings([_CHANGED.format(count=count_of(changed, "definition"))])
    resume(airflow_run, rest.labels, connections())
    if not as_json:
        what = count_of(count, "definition") if count else "everything"
        print_line(f"Training {what} of run {run_id}\n{url}")
    if follow:
        follow_to_end(airflow, run_id, count, as_json=as_json, but=rest.others)
    elif as_json:
        print_json({"run": run_id, "url": url, "definitions": count})
    else:
        print_line(f"See its progress: `pipeline runs show {run_id}`")
