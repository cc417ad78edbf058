"""Which models tie with the best, without reading answers again whose p-values are known."""

from threading import Lock
from typing import Final

from pipeline.registry.significance import find_p_values
from pipeline.stores.models.leaderboard import Leaderboard

MOST_KNOWN: Final = 20_000
"""Pairs of models whose p-value is kept; some 10 MB."""

Version = tuple[int, bytes]
"""A model's id and the digest of what decides its stored answers, so that they never change."""


class Ties:
    """P-values of models against the best that they are ranked with, each computed once. Threads may share it.

    At 100,000 testing examples a model's answers have 400 kB: a leaderboard that reads those of a whole page every two
    seconds would do little else.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, Version, Version], float] = {}
        self._keeping = Lock()

    def find(self, pairs: dict[int, int], board: Leaderboard, metric: str = "accuracy") -> dict[int, float]:
        """Return the p-value of each model against another; those whose stored answers do not tell it are left out.

        Args:
            pairs: the other model's id by each model's id.
            board: where the answers are; asked only for those of unknown pairs.
            metric: what models are ranked by, as plans write it.
        """
        if not pairs:
            return {}
        now = board.get_digests({*pairs, *pairs.values()})
        keys = {
            model: (metric, (model, now[model]), (best, now[best]))
            for model, best in pairs.items()
            if model in now and best in now
        }
        found = {model: self._known[key] for model, key in keys.items() if key in self._known}
        unknown = {model: pairs[model] for model in keys if model not in found}
        return found | self._compute(unknown, board, metric)

    def _compute(self, pairs: dict[int, int], board: Leaderboard, metric: str) -> dict[int, float]:
        if not pairs:
            return {}
        answers = board.get_answers({*pairs, *pairs.values()})
        truths = board.get_truths({each.examples for each in answers.values()})
        found = find_p_values(pairs, answers, truths, metric)
        # with the digests that were read together with the answers: a model may just have been trained again
        versions = {model: (model, each.digest) for model, each in answers.items()}
        with self._keeping:
            self._known |= {(metric, versions[model], versions[pairs[model]]): found[model] for model in found}
            while len(self._known) > MOST_KNOWN:
                del self._known[next(iter(self._known))]
        return found
