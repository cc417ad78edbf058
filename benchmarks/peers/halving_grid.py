"""scikit-learn's HalvingGridSearchCV: `python -m peers.halving_grid WORK OUTCOME SECONDS`; it has no limit of time."""

import sys
import time
from pathlib import Path
from typing import Any

from peers.tries import PARTS, Reached, Tried
from peers.work import Work


def search(work: Work) -> Reached:
    """Search as many definitions at once as there are cores; the winner is then trained in full."""
    import numpy as np
    from joblib import Parallel, delayed
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - what makes the class importable
    from sklearn.model_selection import HalvingGridSearchCV, PredefinedSplit
    from sklearn.pipeline import Pipeline

    from peers.recipe import make_steps, measure_accuracy

    started, few = time.perf_counter(), work.shorten()
    Parallel(n_jobs=work.cores)(delayed(measure_accuracy)(few, label) for label in few.definitions)
    startup = time.perf_counter() - started
    steps = [make_steps(definition, work.seed) for definition in work.definitions.values()]
    count = work.training + work.validation
    fold = np.zeros(count, dtype=int)
    fold[: work.training] = -1  # always trains
    begun = time.perf_counter()
    grid = HalvingGridSearchCV(
        Pipeline([("adapter", steps[0][0]), ("model", steps[0][1])]),
        [{"adapter": [adapter], "model": [model]} for adapter, model in steps],
        factor=3,
        min_resources=round(count * PARTS[0]),
        scoring="accuracy",
        n_jobs=work.cores,
        refit=False,
        cv=PredefinedSplit(fold),
        random_state=work.seed,
        error_score=0.0,
    )
    grid.fit(work.texts[:count], work.classifications[:count])
    label = _find(grid.best_params_, work, steps)
    adapter, model = make_steps(work.definitions[label], work.seed)
    winner = Pipeline([("adapter", adapter), ("model", model)])
    winner.fit(work.texts[: work.training], work.classifications[: work.training])
    seconds = time.perf_counter() - begun
    testing = float(winner.score(work.texts[count:], work.classifications[count:]))
    return Reached(startup, [Tried(seconds, label, 1.0, float(grid.best_score_), testing)])


def _find(best: dict[str, Any], work: Work, steps: list[tuple[Any, Any]]) -> str:
    """Return the label of the winner, which is a copy of one of the candidates."""
    wanted = (best["adapter"].get_params(), repr(best["model"]))
    found = [(adapter.get_params(), repr(model)) for adapter, model in steps]
    return [*work.definitions][found.index(wanted)]


def main() -> None:
    """Search, and write what was reached."""
    search(Work.read(Path(sys.argv[1]))).write(Path(sys.argv[2]))


if __name__ == "__main__":
    main()
