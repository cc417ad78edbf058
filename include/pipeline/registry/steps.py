"""How the scores of definitions grew: over the rungs of a search, or from fold to fold."""

from collections import Counter
from typing import Any, Literal

from pipeline.plans.metric import parse_metric
from pipeline.search.rungs import list_rungs
from pipeline.search.settings import Search
from pipeline.stores.database import Database
from pipeline.stores.models.trials import Trials, list_trials

Step = dict[str, float]


def find_steps(
    database: Database, run_id: str, rows: list[dict[str, Any]], details: dict[str, dict[str, Any]]
) -> tuple[Literal["parts", "folds"] | None, dict[str, list[Step]]]:
    """Return what the steps of a run are, and those of each definition by label.

    A step has `at`, the part of the whole with which a search tried it, or the number of a fold, and `score`, the run's
    metric there; accuracy in folds if the metric is about one class.

    Args:
        database: the models database.
        run_id: the run.
        rows: its definitions, as the ledger lists them.
        details: rows of `list_trainings` by label.
    """
    run = Trials(database, run_id, "").get_search()
    if run.search is not None:
        return "parts", _list_trials(database, run_id, rows, run.search)
    metric = parse_metric(run.metric)
    name = "accuracy" if metric.class_name else metric.name
    folds = {
        row["label"]: [
            {"at": number, "score": fold[name]}
            for number, fold in enumerate(details[row["label"]]["folds"] or (), 1)
            if name in fold
        ]
        for row in rows
    }
    return ("folds" if any(folds.values()) else None), folds


def _list_trials(database: Database, run_id: str, rows: list[dict[str, Any]], search: Search) -> dict[str, list[Step]]:
    examples = {row["label"]: (str(row["definition"]["dataset"]), row["examples_digest"]) for row in rows}
    entrants = Counter(examples[row["label"]] for row in rows if row["state"] not in ("reused", "duplicate"))
    rungs = {key: list_rungs(count, search) for key, count in entrants.items()}
    steps: dict[str, list[Step]] = {}
    for trial in list_trials(database, run_id):
        ladder = rungs.get(examples.get(trial["label"], ("", None)), [])
        if trial["score"] is not None and trial["rung"] < len(ladder):
            step = {"at": ladder[trial["rung"]].part, "score": abs(trial["score"])}
            steps.setdefault(trial["label"], []).append(step)
    return {label: sorted(each, key=lambda step: step["at"]) for label, each in steps.items()}
