"""How the scores of definitions grew: over the rungs of a search, or from fold to fold."""

from collections import Counter
from typing import Any, Literal

from pipeline.components.options import canonical_json
from pipeline.plans.metric import parse_metric
from pipeline.registry.compared import Compared
from pipeline.search.rungs import list_rungs
from pipeline.search.settings import Search
from pipeline.stores.database import Database
from pipeline.stores.models.trials import get_search, list_trials

Row = dict[str, Any]
Step = dict[str, float]


def find_steps(
    database: Database, run_id: str, compared: Compared, details: dict[str, Row]
) -> tuple[Literal["parts", "folds"] | None, dict[str, list[Step]]]:
    """Return what the steps of a run are, and those of each definition by label.

    A step has `at`, the part of the whole with which a search tried it, or the number of a fold, and `score`, the run's
    metric there; accuracy in folds if the metric is about one class.

    Args:
        database: the models database.
        run_id: the run.
        compared: its models that compare, and its definitions without a model.
        details: rows of `list_trainings` by label.
    """
    run = get_search(database, run_id)
    if run.search is not None:
        return "parts", _list_trials(database, run_id, compared, run.search)
    metric = parse_metric(run.metric)
    name = "accuracy" if metric.class_name else metric.name
    folds = {
        row["label"]: [
            {"at": number, "score": fold[name]}
            for number, fold in enumerate(details[row["label"]]["folds"] or (), 1)
            if name in fold
        ]
        for row in compared.models
    }
    return ("folds" if any(folds.values()) else None), folds


def _list_trials(database: Database, run_id: str, compared: Compared, search: Search) -> dict[str, list[Step]]:
    """Return the trials of what was tried on the same examples as the models, or of everything if there is no model."""
    # the rungs depend on how many took part, whatever of them is looked at
    part = [row for row in compared.every if row["state"] not in ("reused", "duplicate")]
    rungs = {examples: list_rungs(count, search) for examples, count in Counter(map(_name_examples, part)).items()}
    wanted = {_name_examples(row) for row in compared.models}
    ladders = {row["label"]: rungs[_name_examples(row)] for row in part if not wanted or _name_examples(row) in wanted}
    steps: dict[str, list[Step]] = {}
    for trial in list_trials(database, run_id):
        ladder = ladders.get(trial["label"], [])
        if trial["score"] is not None and trial["rung"] < len(ladder):
            step = {"at": ladder[trial["rung"]].part, "score": abs(trial["score"])}
            steps.setdefault(trial["label"], []).append(step)
    return {label: sorted(each, key=lambda step: step["at"]) for label, each in steps.items()}


def _name_examples(row: Row) -> tuple[str, str | None]:
    """Return what a definition is tried on, among definitions of one run."""
    return canonical_json(row["definition"]["dataset"]), row["examples_digest"]
