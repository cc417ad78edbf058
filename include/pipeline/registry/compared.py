"""The models of a run that compare: those that the same examples chose and tested."""

from dataclasses import dataclass
from typing import Any

from pipeline.errors import PipelineError
from pipeline.registry.option_values import has_option, read_option
from pipeline.stores.models.leaderboard import group_by_sets
from pipeline.stores.models.ledger import Ledger


@dataclass(frozen=True)
class Compared:
    """Models of a run that compare.

    Attributes:
        models: their definitions, as the ledger lists them.
        others: the definitions without a model.
        every: all definitions of the run, also those that are left out or were tested on other examples.
        run: the run, as the ledger lists it.
        testing_set: what the models were tested on; None if there is no model.
        testing_sets: every testing set of the run, the one with the most models first.
    """

    models: list[dict[str, Any]]
    others: list[dict[str, Any]]
    every: list[dict[str, Any]]
    run: dict[str, Any]
    testing_set: dict[str, Any] | None
    testing_sets: list[dict[str, Any]]


def find_compared(
    ledger: Ledger, run_id: str, score: str = "score", testing_set: str = "", without: list[str] | None = None
) -> Compared:
    """Return the models of a run that were tested on the same examples, and chosen by the same if that is the score.

    Args:
        ledger: where the run is.
        run_id: the run.
        score: what is compared.
        testing_set: the digest of the testing set; empty: the one with the most models.
        without: what is left out, each as `read_option` reads it.

    Raises:
        NotFoundError: there is no such run.
        PipelineError: the run has no such testing set, or `without` is not written as it should be.
    """
    run = ledger.get_run(run_id)
    left_out = [read_option(text, "without") for text in without or ()]
    every = ledger.list_definitions(run_id)
    rows = [row for row in every if not any(has_option(row["definition"], *option) for option in left_out)]
    scored = [row for row in rows if row[score] is not None]
    compared = ("testing_set", "validation_set") if score == "score" else ("testing_set",)
    groups = sorted(group_by_sets(scored, compared), key=lambda group: -len(group))
    known: dict[str, list[dict[str, Any]]] = {}
    for group in groups:
        if group[0]["testing_set"]:
            known.setdefault(group[0]["testing_set"]["digest"], group)
    if testing_set and testing_set not in known:
        raise PipelineError("testing_set", repr(testing_set), f"one of {', '.join(known)}" if known else "none")
    models = known[testing_set] if testing_set else next(iter(groups), [])
    return Compared(
        models,
        [row for row in rows if row["version"] is None],
        every,
        run,
        models[0]["testing_set"] if models else None,
        [group[0]["testing_set"] | {"models": len(group)} for group in known.values()],
    )
