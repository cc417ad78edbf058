"""The testing sets that models have answered, in their training or in evaluations, and the one to compare them on."""

from typing import Any, NamedTuple

from pipeline.errors import PipelineError
from pipeline.examples.answers import SealedAnswers
from pipeline.stores.database import Database
from pipeline.stores.models.evaluations import Answered, EvaluationsStore
from pipeline.stores.models.store import ModelsStore

_SCORES = ("accuracy", "accuracy_interval", "macro_f1")


class OnSet(NamedTuple):
    """What models answered to one testing set.

    Attributes:
        testing_set: the set; None if each model's own is meant, as they have none in common.
        testing_sets: every set that at least one model has answered, with the number of models; the most come first.
        answers: of each model; None if it has not answered, or its answers are not stored.
        scores: of each model; None if it has not answered.
        told: of each model what a table shows of its scores; None if it has not answered.
    """

    testing_set: dict[str, Any] | None
    testing_sets: list[dict[str, Any]]
    answers: list[SealedAnswers | None]
    scores: list[dict[str, Any] | None]
    told: list[dict[str, Any] | None]


def find_on_set(database: Database, models: list[dict[str, Any]], wanted: str = "") -> OnSet:
    """Return what models answered to a testing set.

    Args:
        database: the models database.
        models: the models, as the registry tells them.
        wanted: the set's digest, or how it begins; empty: the one that tested all of them, else the newest that all of
            them have answered, else the own set of each.

    Raises:
        PipelineError: no model has answered such a set.
    """
    keys = [(model["label"], model["version"]) for model in models]
    answered = EvaluationsStore(database).list_answered(keys)
    sets: dict[bytes, dict[str, Any]] = {}
    for answered_by_one in answered:
        for sha256, row in answered_by_one.items():
            known = sets.setdefault(sha256, row["testing_set"] | {"models": 0, "newest": row["evaluated_at"]})
            known |= {"models": known["models"] + 1, "newest": max(known["newest"], row["evaluated_at"])}
    listed = sorted(sets.items(), key=lambda each: (each[1]["models"], each[1]["newest"]), reverse=True)
    chosen = _find(wanted, listed) if wanted else _choose(answered, listed)
    own = ModelsStore(database).list_answers(keys)
    rows: list[dict[str, Any] | None] = [{"own": True} if chosen is None else each.get(chosen) for each in answered]
    evaluated = EvaluationsStore(database).get_answers([row["evaluation_id"] for row in rows if row and not row["own"]])
    each_model = [_tell(model, row, sealed, evaluated) for model, row, sealed in zip(models, rows, own, strict=True)]
    return OnSet(
        testing_set=None if chosen is None else sets[chosen],
        testing_sets=[each for _, each in listed],
        answers=[sealed for sealed, _, _ in each_model],
        scores=[scores for _, scores, _ in each_model],
        told=[told for _, _, told in each_model],
    )


Told = tuple[SealedAnswers | None, dict[str, Any] | None, dict[str, Any] | None]


def _tell(
    model: dict[str, Any], row: dict[str, Any] | None, own: SealedAnswers | None, evaluated: dict[int, Answered]
) -> Told:
    """Return the answers and scores of one model, and what a table shows of its scores."""
    if row is None:
        return None, None, None
    if row["own"]:
        shown = {name: model[name] for name in (*_SCORES, "gain", "marks")}
        return own, model["scores"], shown | {"evaluated_at": None}
    answers, scores = evaluated[row["evaluation_id"]]
    shown = {name: scores[name] for name in (*_SCORES, "marks")}
    # its baseline is another one
    return answers, scores, shown | {"gain": None, "evaluated_at": row["evaluated_at"]}


def _find(wanted: str, listed: list[tuple[bytes, dict[str, Any]]]) -> bytes:
    found = [sha256 for sha256, each in listed if each["digest"].startswith(wanted.lower())]
    if len(found) != 1:
        what = (
            f"{wanted[:64]!r} is {'the beginning of several' if found else 'no set that one of these models answered'}"
        )
        raise PipelineError("testing_set", what, f"one of {', '.join(each['digest'] for _, each in listed)}")
    return found[0]


def _choose(answered: list[dict[bytes, dict[str, Any]]], listed: list[tuple[bytes, dict[str, Any]]]) -> bytes | None:
    common = [sha256 for sha256, each in listed if each["models"] == len(answered)]
    tested_all = [sha256 for sha256 in common if all(rows[sha256]["own"] for rows in answered)]
    return next(iter([*tested_all, *common]), None)
