"""`pipeline evaluate`"""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.airflow_client.api import ENDED_RUN_STATES, EVALUATION_DAG_ID, AirflowApi
from pipeline.cli.connect import airflow_api, connections, evaluations_store
from pipeline.cli.console import console
from pipeline.cli.follow import POLL_SECONDS, Patience
from pipeline.cli.leaderboard import describe_testing_set, format_interval, format_marks, print_marks
from pipeline.cli.output import AsJson, print_json, print_line, print_table
from pipeline.errors import AirflowUnavailableError, DatabaseUnavailableError, PipelineError
from pipeline.plans import read_plan
from pipeline.plans.wording import count_of
from pipeline.stores.models.read import MARK

MOST_LISTED = 1_000
COLUMNS = ("", "model", "accuracy", "marks", "95 % interval", "macro F1", "gain", "p against best", "seconds")


def evaluate(
    models: Annotated[
        list[str], typer.Argument(metavar="MODEL", help="A label, label@3 for version 3, or @alias; one or more.")
    ],
    collection: Annotated[
        str | None, typer.Option(metavar="NAME", help="The collection of the examples; by default: default.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Examples from this time on, such as 2024-5-1.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Examples before this time.")] = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The testing set of this plan's dataset, in place of the examples of a span."
        ),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Start the run, and do not wait for its end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Score stored models on new examples, or on the testing set of a plan.

    Waits for the run, and prints how good each model is, with a test of each against the best. Nothing is trained.
    """
    conf = _write_conf(models, collection, start, end, plan)
    asked = _check(conf)
    count = len(asked)
    airflow = airflow_api()
    run_id = airflow.trigger(conf, dag_id=EVALUATION_DAG_ID)
    url = airflow.run_url(run_id, EVALUATION_DAG_ID)
    if not as_json:
        print_line(f"{count_of(count, 'model')} in run {run_id}\n{url}")
    if detach:
        if as_json:
            print_json({"run": run_id, "url": url, "models": count})
        else:
            print_line("The pages of the models show the results.")
        return
    _report(run_id, url, _follow(airflow, run_id, url, count, quiet=as_json), asked, as_json=as_json)


def _write_conf(
    models: list[str], collection: str | None, start: str | None, end: str | None, plan: Path | None
) -> dict[str, Any]:
    conf: dict[str, Any] = {"models": models}
    if plan is not None:
        from pipeline.runs.count_classes import SECTION, read_datasets

        content = read_plan(plan)
        if not isinstance(content, dict) or SECTION not in content:
            raise PipelineError(str(plan), f"has no {SECTION}", "a training plan; its other sections are not used")
        datasets = read_datasets(content[SECTION])
        if len(datasets) != 1:
            what = f"its {SECTION} means {len(datasets)} datasets, and models are scored on one testing set"
            raise PipelineError(str(plan), what, "one dataset with one value for each option")
        conf[SECTION] = datasets[0].block
    given = {"collection": collection, "from": start, "to": end}
    for name, value in given.items():
        if value is not None and not value.strip():
            raise PipelineError(f"--{name}", "is empty", next_step="leave it out, or give a value")
    return conf | {name: value for name, value in given.items() if value is not None}


def _check(conf: dict[str, Any]) -> list[str]:
    """Return the models that a configuration means, as `label@3`.

    Raises:
        EvaluationRequestError: it is wrong, or means a model that is not stored.
        TrainingError: there is no example to score on.
    """
    from datetime import UTC, datetime

    from pipeline.runs.evaluate import pin_models

    return pin_models(conf, datetime.now(UTC), connections())


def _follow(airflow: AirflowApi, run_id: str, url: str, count: int, *, quiet: bool) -> str:
    """Print each model as it is scored until the run has ended; return the run's state."""
    told: set[int] = set()
    patience = Patience(url)
    while True:
        try:
            state = airflow.get_run_state(run_id, EVALUATION_DAG_ID)
            found = evaluations_store().list_newest(run_id, limit=MOST_LISTED)
        except (AirflowUnavailableError, DatabaseUnavailableError) as error:
            patience.bear(error)
            time.sleep(POLL_SECONDS)
            continue
        patience.renew()
        for each in reversed(found):
            if each["evaluation_id"] not in told:
                told.add(each["evaluation_id"])
                if not quiet:
                    result = f"accuracy {each['accuracy']:.3f} in {each['seconds']:.1f} s"
                    number = f"{len(told):>{len(str(count))}}/{count}"
                    console.print(f"  {number}  {_name(each)}  {result}", highlight=False, markup=False)
        if state in ENDED_RUN_STATES:
            return state
        time.sleep(POLL_SECONDS)


def _report(run_id: str, url: str, state: str, asked: list[str], *, as_json: bool) -> None:
    """Print the models, the best first, and leave with exit code 1 if the run did not succeed."""
    from pipeline.registry.against_best import rank_evaluations

    store = evaluations_store()
    groups = rank_evaluations(store.list_newest(run_id, limit=MOST_LISTED), store)
    evaluations = [each for group in groups for each in group]
    if as_json:
        print_json({"run": run_id, "url": url, "state": state, "evaluations": [_tell(each) for each in evaluations]})
    else:
        if len(groups) > 1:
            print_line("Examples were loaded or corrected meanwhile. Each testing set has its own table.")
        for group in groups:
            _print_group(group)
        print_marks(evaluations)
        done = {f"{each['label']}{MARK}{each['version']}" for each in evaluations}
        if missing := [model for model in asked if model not in done]:
            print_line(f"Not scored: {', '.join(missing)}. {url} says why.")
    if state != "success":
        raise typer.Exit(1)


def _print_group(group: list[dict[str, Any]]) -> None:
    columns = [name for name in COLUMNS if name != "marks" or any(each["marks"] for each in group)]
    if len(group) == 1:
        columns.remove("p against best")
    rows = []
    for rank, each in enumerate(group, 1):
        row = {
            "": rank,
            "model": _name(each),
            "accuracy": each["accuracy"],
            "marks": format_marks(each["marks"]),
            "95 % interval": format_interval(each["accuracy_interval"]),
            "macro F1": each["macro_f1"],
            "gain": f"{each['gain']:+.3f}",
            "p against best": _format_p_value(each),
            "seconds": f"{each['seconds']:.1f}",
        }
        rows.append([row[name] for name in columns])
    print_table(columns, rows)
    print_line(describe_testing_set(group[0]["testing_set"]))
    baseline = group[0]["accuracy"] - group[0]["gain"]
    print_line(f"gain: accuracy above always answering the most frequent class of these examples ({baseline:.3f})")
    for each in group:
        if each["perhaps_trained"]:
            print_line(f"{_name(each)}: {count_of(each['perhaps_trained'], 'example')} may have trained it")
        if each["unknown_examples"]:
            print_line(
                f"{_name(each)}: {count_of(each['unknown_examples'], 'example')} of classes that it does not know"
            )


def _format_p_value(each: dict[str, Any]) -> str | None:
    if each["p_value"] is None:
        return None
    return f"{each['p_value']:.4f}{' (tie)' if each['tie'] else ''}"


def _name(each: dict[str, Any]) -> str:
    return f"{each['label']}{MARK}{each['version']}"


def _tell(each: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in each.items() if name != "total"}
