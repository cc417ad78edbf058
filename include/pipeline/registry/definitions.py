"""Routes of the leaderboard: definitions with their models, filtered, sorted and paged."""

from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from pipeline.errors import PipelineError
from pipeline.plans.differences import differing_options, format_differences
from pipeline.plans.metric import LONGEST_METRIC, describe_metric, parse_metric
from pipeline.registry.database import ModelsDb
from pipeline.registry.leaderboard_schemas import Choices, DefinitionsPage
from pipeline.registry.log_path import format_log_path
from pipeline.registry.option_values import read_option
from pipeline.registry.paging import Limit, Offset
from pipeline.registry.significance import LEVEL, adjust
from pipeline.registry.ties import Ties
from pipeline.stores.database import Database
from pipeline.stores.models.leaderboard import ORDERS, Filter, Leaderboard
from pipeline.stores.models.run_names import count_tags, list_tagged

router = APIRouter(tags=["leaderboard"])

_MODEL_FIELDS = (
    "version", "accuracy", "accuracy_interval", "macro_f1", "gain", "training_seconds", "size_bytes", "created_at",
    "aliases", "marks", "testing_set", "validation_set", "score", "deviation", "rank", "compared",
)  # fmt: skip

Names = Annotated[list[str] | None, Query(max_length=50)]


@router.get("/definitions", response_model=DefinitionsPage)
async def list_definitions(
    request: Request,
    database: ModelsDb,
    run: Annotated[
        Names, Query(description="Only these runs, including the models that they reuse from others.")
    ] = None,
    tag: Annotated[Names, Query(description="Only runs with one of these tags.")] = None,
    dataset: Annotated[Names, Query(description="Only these datasets.")] = None,
    adapter: Annotated[Names, Query(description="Only these adapters.")] = None,
    model: Annotated[Names, Query(description="Only these models.")] = None,
    state: Annotated[Names, Query(description="Only these states, such as `trained` or `failed`.")] = None,
    option: Annotated[
        Names, Query(description="Such as `model.kernel:rbf`; several values of one option are alternatives.")
    ] = None,
    label: Annotated[str, Query(max_length=200, description="Only labels that contain this text.")] = "",
    sort: Annotated[
        str,
        Query(description="A column; prefix it with `-` for descending order.", json_schema_extra={"enum": [*ORDERS]}),
    ] = "-score",
    metric: Annotated[
        str | None,
        Query(
            max_length=LONGEST_METRIC,
            description="What models are ranked by, as plans write it; by default the metric of the one run that is "
            "asked for, or accuracy.",
        ),
    ] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Response:
    """List definitions with their state and model.

    Without `run`, each model is listed once, under the run that trained it.
    """
    if sort not in ORDERS:
        raise PipelineError("sort", repr(sort[:40]), f"one of {', '.join(ORDERS)}")
    wanted = Filter(
        run or (), state or (), dataset or (), adapter or (), model or (), label, _read_options(option or [])
    )
    if metric is not None:
        metric = _read_metric(metric)
    write = partial(_write_page, database, request.app.state.ties, wanted, tag, metric, sort, limit, offset)
    # everybody who watches a run asks for the same page, again and again
    return Response(await request.app.state.pages.get(request.url.query, write), media_type="application/json")


@router.get("/definitions/choices", response_model=Choices)
def list_choices(
    database: ModelsDb, run: Annotated[Names, Query(description="Only these runs.")] = None
) -> dict[str, Any]:
    """List what the leaderboard can be filtered by. Options are those of the newest 2,000 definitions."""
    return Leaderboard(database).list_choices(Filter(run or ())) | {"tags": count_tags(database)}


def _read_options(options: list[str]) -> list[list[dict[str, Any]]]:
    choices: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for text in options:
        section, name, value = read_option(text)
        choices[section, name].append({section: {"options": {name: value}}})
    return [*choices.values()]


def _read_metric(written: str) -> str:
    """Return a metric as the database names it."""
    try:
        return parse_metric(written).name
    except ValueError as error:
        raise PipelineError("metric", str(error)) from None


def _write_page(
    database: Database,
    ties: Ties,
    wanted: Filter,
    tags: list[str] | None,
    metric: str | None,
    sort: str,
    limit: int,
    offset: int,
) -> bytes:
    """Return a page of the leaderboard as JSON."""
    board = Leaderboard(database)
    with database.kept_open():
        if tags:
            runs = [run for run in list_tagged(database, tags) if not wanted.runs or run in wanted.runs]
            wanted = replace(wanted, runs=runs or [""])  # no run has an empty id
        metric = metric or board.find_metric(wanted)
        rows = board.list_definitions(wanted, sort, limit, offset, metric)
        states = board.count_states(wanted)
        pairs = {row["model_id"]: row["best_model_id"] for row in rows if row["has_answers"]}
        p_values = ties.find(pairs, board, metric)
    differing = differing_options([row["definition"] for row in rows])
    items = [
        _describe(row, p_values) | {"differences": format_differences(row["definition"], differing)} for row in rows
    ]
    page = {"items": items, "total": sum(states.values()), "limit": limit, "offset": offset, "states": states}
    page["metric"] = describe_metric(metric)
    return DefinitionsPage.model_validate(page).model_dump_json().encode()


def _describe(row: dict[str, Any], p_values: dict[int, float]) -> dict[str, Any]:
    model = None
    if row["model_id"] is not None:
        p_value, best = p_values.get(row["model_id"]), row["model_id"] == row["best_model_id"]
        adjusted = None if p_value is None else adjust(p_value, row["compared"])
        model = {name: row[name] for name in _MODEL_FIELDS} | {
            "label": row["model_label"],
            "run_id": row["model_run_id"],
            "best": best,
            "p_value": p_value,
            "adjusted_p_value": adjusted,
            "tie": None if adjusted is None else not best and adjusted >= LEVEL,
        }
    trained_by = row["model_run_id"] or row["run_id"]
    return row | {"model": model, "log_path": format_log_path(trained_by, row["map_index"])}
