"""What happened to a run's permutations, in words."""

from typing import Any

from pipeline.plans.wording import count_of
from pipeline.stores.models.ledger import FINAL_STATES


def describe_account(run: dict[str, Any]) -> str:
    """Return what happened to a run's permutations: `12 permutations: 8 trained, 4 excluded`."""
    parts = [f"{run[state]:,} {state}" for state in (*FINAL_STATES, "training", "planned") if run[state]]
    return f"{count_of(run['permutations'], 'permutation')}: {', '.join(parts)}"
