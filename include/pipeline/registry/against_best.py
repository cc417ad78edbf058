"""Evaluations of one run, each against the best that answered the same examples."""

from typing import Any

from pipeline.registry.significance import LEVEL, adjust, paired_p_value, read_codes
from pipeline.stores.models.evaluations import EvaluationsStore
from pipeline.stores.models.leaderboard import group_by_sets


def rank_evaluations(evaluations: list[dict[str, Any]], store: EvaluationsStore) -> list[list[dict[str, Any]]]:
    """Return evaluations by testing set, the best first in each, with how surely the best is better.

    As on the leaderboard, `p_value` is of the paired test against the best, adjusted for the number of models of which
    it is the best; None for the best itself. `tie` says whether that is no significant difference.

    Args:
        evaluations: as `EvaluationsStore.list_newest` returns them.
        store: where their answers are.
    """
    answers = store.get_answers([each["evaluation_id"] for each in evaluations])
    groups = []
    for group in group_by_sets(evaluations, ("testing_set",)):
        ranked = sorted(group, key=lambda each: (-each["accuracy"], -each["macro_f1"], each["label"], -each["version"]))
        right = []
        for each in ranked:
            sealed = answers[each["evaluation_id"]].answers
            right.append(read_codes(sealed.answers) == read_codes(sealed.truths))
        p_values = [adjust(paired_p_value(right[0], other), len(ranked)) for other in right[1:]]
        groups.append(
            [
                each | {"p_value": p_value, "tie": p_value is not None and p_value >= LEVEL}
                for each, p_value in zip(ranked, [None, *p_values], strict=True)
            ]
        )
    return groups
