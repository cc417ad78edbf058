"""What the pictures of a run show: its models by score and cost, how scores grew, and who worked when."""

from datetime import UTC, datetime
from typing import Any, Final

from pipeline.plans.differences import Key, differing_options, format_differences, format_value, list_options
from pipeline.plans.metric import describe_metric
from pipeline.registry.compared import find_compared
from pipeline.registry.effects import sort_values
from pipeline.registry.front import find_front
from pipeline.registry.lanes import list_bars
from pipeline.registry.significance import LEVEL, adjust
from pipeline.registry.steps import find_steps
from pipeline.registry.ties import Ties
from pipeline.stores.database import Database
from pipeline.stores.models.leaderboard import Leaderboard
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.trainings import list_trainings
from pipeline.stores.models.trials import list_trials

COSTS: Final = ("training_seconds", "size_bytes")

_MOST_TESTED: Final = 200
"""How many of the best models are tested for a tie: each needs its answers, and what is below does not tie."""

_UNKNOWN: Final = {"best": False, "tie": None}


def find_trainings(
    database: Database, ties: Ties, run_id: str, testing_set: str = "", without: list[str] | None = None
) -> dict[str, Any]:
    """Return a run's models of one testing set, the best first, and after them the definitions without a model.

    Args:
        database: the models database.
        ties: knows which models tie.
        run_id: the run.
        testing_set: see `find_compared`.
        without: what is left out, see `find_compared`.

    Returns:
        What `trainings_schemas.Trainings` describes.

    Raises:
        NotFoundError: there is no such run.
        PipelineError: the run has no such testing set, or `without` is not written as it should be.
    """
    with database.kept_open():
        ledger = Ledger(database)
        compared = find_compared(ledger, run_id, "score", testing_set, without)
        details = {row["label"]: row for row in list_trainings(database, run_id)}
        metric = describe_metric(compared.run["metric"])
        sign = -1 if metric["lower_is_better"] else 1
        models = sorted(
            compared.models, key=lambda row: (-sign * row["score"], -(row["choice_macro_f1"] or 0), row["label"])
        )
        tied = _find_ties(ties, database, metric["name"], models, details)
        rows = [*models, *compared.others]
        steps_of, steps = find_steps(database, run_id, compared, details)
    keys = differing_options([row["definition"] for row in rows])
    values = _list_values(rows, keys)
    fronts = {cost: find_front([(row[cost], sign * row["score"]) for row in models]) for cost in COSTS}
    return {
        "metric": metric,
        "testing_set": compared.testing_set,
        "validation_set": models[0]["validation_set"] if models else None,
        "testing_sets": compared.testing_sets,
        "options": [
            {"section": section, "component": component or None, "option": option or "name", "values": texts}
            for (section, component, option), texts in values.items()
        ],
        "fronts": {cost: [models[place]["label"] for place in places] for cost, places in fronts.items()},
        "steps_of": steps_of,
        "definitions": [
            _describe(row, keys, values) | tied.get(row["label"], _UNKNOWN) | {"steps": steps.get(row["label"], [])}
            for row in rows
        ],
    }


def find_timeline(database: Database, run_id: str) -> dict[str, Any]:
    """Return who trained and tried what when in a run, as `trainings_schemas.Timeline` describes.

    Raises:
        NotFoundError: there is no such run.
    """
    with database.kept_open():
        ledger = Ledger(database)
        run = ledger.get_run(run_id)
        states = {row["label"]: row["state"] for row in ledger.list_definitions(run_id)}
        trainings = [row | {"state": states[row["label"]]} for row in list_trainings(database, run_id)]
        trials = list_trials(database, run_id)
    bars = list_bars(trainings, trials, run["closed_at"] or datetime.now(UTC))
    return {"began_at": run["created_at"], "ended_at": run["closed_at"], "bars": bars}


def _find_ties(
    ties: Ties, database: Database, metric: str, models: list[dict[str, Any]], details: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return for each of the best models whether it is the best, and whether it ties with it, by label."""
    if not models:
        return {}
    ids = {row["label"]: details[row["label"]]["model_id"] for row in models[:_MOST_TESTED]}
    best = ids[models[0]["label"]]
    p_values = ties.find(dict.fromkeys(ids.values(), best), Leaderboard(database), metric)
    compared = sum(row["state"] != "duplicate" for row in models)
    found = {}
    for label, model in ids.items():
        known = model in p_values and model != best
        found[label] = {"best": model == best, "tie": adjust(p_values[model], compared) >= LEVEL if known else None}
    return found


def _list_values(rows: list[dict[str, Any]], keys: list[Key]) -> dict[Key, list[str]]:
    """Return the values of options as people read them, in order: numbers by size, then texts."""
    found: dict[Key, dict[str, Any]] = {key: {} for key in keys}
    for row in rows:
        for key, value in list_options(row["definition"]).items():
            if key in found:
                found[key][format_value(value)] = value
    return {key: [text for text, _ in sort_values(texts.items())] for key, texts in found.items()}


def _describe(row: dict[str, Any], keys: list[Key], values: dict[Key, list[str]]) -> dict[str, Any]:
    options = list_options(row["definition"])
    places = [values[key].index(format_value(options[key])) if key in options else None for key in keys]
    model = None if row["version"] is None else f"{row['model_label']}@{row['version']}"
    return row | {"model": model, "recipe": format_differences(row["definition"], keys), "values": places}
