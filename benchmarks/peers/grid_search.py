"""scikit-learn's GridSearchCV: `python -m peers.grid_search WORK OUTCOME [--memory] [--accelerated]`."""

import argparse
import time
from pathlib import Path

from peers.work import Outcome, Stopwatch, Work


def search(work: Work, memory: Path | None) -> Outcome:
    """Train all definitions on a fixed split, or on each fold, as many at once as there are cores.

    Args:
        memory: an empty folder that stores fitted adapters and their results for the other definitions.
    """
    import numpy as np
    from joblib import Parallel, delayed
    from sklearn.model_selection import GridSearchCV, PredefinedSplit
    from sklearn.pipeline import Pipeline

    from peers.recipe import make_steps, measure_accuracy

    # joblib keeps its processes: they start, and import what they need, before the clock starts
    started, few = time.perf_counter(), work.shorten()
    Parallel(n_jobs=work.cores)(delayed(measure_accuracy)(few, label) for label in few.definitions)
    startup = time.perf_counter() - started
    steps = [make_steps(definition, work.seed) for definition in work.definitions.values()]
    if work.folds is not None:
        fold, count = np.array(work.folds), work.training
    else:
        fold, count = np.zeros(len(work.texts), dtype=int), len(work.texts)
        fold[: work.training] = -1  # always trains
    with Stopwatch() as watch:
        grid = GridSearchCV(
            Pipeline([("adapter", steps[0][0]), ("model", steps[0][1])], memory=memory and str(memory)),
            [{"adapter": [adapter], "model": [model]} for adapter, model in steps],
            scoring="accuracy",
            n_jobs=work.cores,
            refit=False,
            cv=PredefinedSplit(fold),
            error_score="raise",
        )
        grid.fit(work.texts[:count], work.classifications[:count])
    scores = map(float, grid.cv_results_["mean_test_score"])
    return Outcome(watch.seconds, watch.core_seconds, dict(zip(work.definitions, scores, strict=True)), startup)


def main() -> None:
    """Do the work in a file and write the outcome to another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("outcome", type=Path)
    parser.add_argument("--memory", action="store_true", help="with Pipeline(memory=…), in a folder beside OUTCOME")
    parser.add_argument("--accelerated", action="store_true", help="with scikit-learn-intelex")
    chosen = parser.parse_args()
    if chosen.accelerated:
        from sklearnex import patch_sklearn  # before scikit-learn's own classes are imported

        patch_sklearn(verbose=False)
    memory = chosen.outcome.with_name("memory") if chosen.memory else None
    search(Work.read(chosen.work), memory).write(chosen.outcome)


if __name__ == "__main__":
    main()
