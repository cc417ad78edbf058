"""Models side by side: the options that differ, scores by class, and on which testing examples they disagree."""

from itertools import combinations
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query

from pipeline.errors import PipelineError
from pipeline.examples.answers import SealedAnswers
from pipeline.examples.identity import DIGEST_BYTES
from pipeline.plans.definition import SECTIONS
from pipeline.plans.differences import list_block
from pipeline.registry.answered_sets import find_on_set
from pipeline.registry.comparison_schemas import Comparison
from pipeline.registry.database import ModelsDb
from pipeline.registry.models import get_model
from pipeline.registry.paging import Limit, Offset
from pipeline.registry.significance import LEVEL, Codes, paired_p_value, read_codes
from pipeline.stores.database import Database

router = APIRouter(tags=["leaderboard"])
FEWEST, MOST = 2, 6


@router.get("/comparison", response_model=Comparison)
def compare(
    database: ModelsDb,
    model: Annotated[list[str], Query(max_length=MOST, description="Two to six labels, `label@3` or `@alias`.")],
    testing_set: Annotated[
        str,
        Query(
            max_length=64,
            description="The digest of the testing set to compare on, or how it begins: one that tested these models, "
            "or that they answered in an evaluation. By default the one that tested all of them, else the newest that "
            "all of them have answered, else the own set of each.",
        ),
    ] = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, Any]:
    """Compare two to six models; `limit` and `offset` page through the testing examples on which they disagree."""
    return compare_models(database, model, testing_set, limit, offset)


def compare_models(
    database: Database, references: list[str], testing_set: str = "", limit: int = 50, offset: int = 0
) -> dict[str, Any]:
    """Return models side by side, see `compare`.

    Raises:
        NotFoundError: there is no such model.
        PipelineError: too few models, or none of them has answered such a testing set.
    """
    if len(references) < FEWEST:
        raise PipelineError("model", f"{len(references)} named", f"{FEWEST} to {MOST}: ?model=…&model=…")
    with database.kept_open():
        models = [get_model(database, reference) for reference in references]
        found = find_on_set(database, models, testing_set)
    return {
        "models": models,
        "testing_set": found.testing_set,
        "testing_sets": found.testing_sets,
        "scores": found.told,
        "options": list_differing(models),
        "classes": list_classes(found.scores),
        **_compare_answers(found.answers, limit, offset),
    }


def list_differing(models: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the options that differ between models, with each model's value; None if it has no such option."""
    blocks = [
        {(section, option): value for section in SECTIONS for (_, _, option), value in _list(model, section)}
        for model in models
    ]
    keys = dict.fromkeys(key for block in blocks for key in block)
    differing = [key for key in keys if any(block.get(key) != blocks[0].get(key) for block in blocks)]
    return [
        {"section": section, "option": option or "name", "values": [block.get((section, option)) for block in blocks]}
        for section, option in differing
    ]


def _list(model: dict[str, Any], section: str) -> Any:
    return list_block(section, model["definition"][section]).items()


def list_classes(scores: list[dict[str, Any] | None]) -> list[dict[str, Any]]:
    """Return F1, precision and recall of each class in each model; the classes whose F1 differs most come first."""
    tables = [(each or {}).get("per_class", {}) for each in scores]
    rows = []
    for name in sorted({name for table in tables for name in table}):
        found = [table.get(name) for table in tables]
        rows.append(
            {"classification": name, "support": max(each["support"] for each in found if each)}
            | {score: [each and each[score] for each in found] for score in ("f1", "precision", "recall")}
        )
    return sorted(rows, key=lambda row: -_spread(row["f1"]))


def _spread(values: list[float | None]) -> float:
    known = [value for value in values if value is not None]
    return max(known) - min(known)


def _compare_answers(answers: list[SealedAnswers | None], limit: int, offset: int) -> dict[str, Any]:
    known = {place: each for place, each in enumerate(answers) if each is not None}
    pairs = []
    for first, second in combinations(range(len(answers)), 2):
        one, other = known.get(first), known.get(second)
        same = one is not None and other is not None and one.testing_set == other.testing_set
        pairs.append({"first": first, "second": second} | (_compare_pair(one, other) if same else _UNKNOWN))
    one_set = len(known) == len(answers) and len({each.testing_set for each in known.values()}) == 1
    disagreements = _list_disagreements([*known.values()], limit, offset) if one_set else None
    return {"pairs": pairs, "disagreements": disagreements}


_UNKNOWN = dict.fromkeys(("testing_examples", "differing", "only_first_right", "only_second_right", "p_value", "tie"))


def _compare_pair(first: Any, second: Any) -> dict[str, Any]:
    truths, one, other = (read_codes(codes) for codes in (first.truths, first.answers, second.answers))
    first_right, second_right = one == truths, other == truths
    p_value = paired_p_value(first_right, second_right)
    return {
        "testing_examples": len(truths),
        "differing": int((one != other).sum()),
        "only_first_right": int((first_right & ~second_right).sum()),
        "only_second_right": int((second_right & ~first_right).sum()),
        "p_value": p_value,
        "tie": p_value >= LEVEL,
    }


def _list_disagreements(answers: list[SealedAnswers], limit: int, offset: int) -> dict[str, Any]:
    codes, truths = np.stack([read_codes(each.answers) for each in answers]), read_codes(answers[0].truths)
    places = np.flatnonzero((codes != codes[0]).any(axis=0))
    examples = answers[0].examples
    items = [
        {
            "example": examples[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES].hex(),
            "right": (codes[:, place] == truths[place]).tolist(),
            "answers": _number(codes[:, place]),
        }
        for place in places[offset : offset + limit].tolist()
    ]
    return {"items": items, "total": len(places), "limit": limit, "offset": offset}


def _number(codes: Codes) -> list[int]:
    """Return a number for each answer, equal for equal answers: the codes themselves mean nothing to a reader."""
    numbers: dict[int, int] = {}
    return [numbers.setdefault(code, len(numbers)) for code in codes.tolist()]
