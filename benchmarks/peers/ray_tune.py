"""Ray Tune: `python -m peers.ray_tune WORK OUTCOME [--reuse-actors]`."""

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from peers.work import Outcome, Stopwatch, Work


def search(work: Work, folder: str, reuse_actors: bool | None) -> Outcome:
    """Train each definition as a trial with one core; the examples are put into Ray's object store once."""
    import ray
    from ray import tune

    def train(config: dict[str, Any], work: Work) -> None:
        from threadpoolctl import threadpool_limits

        from peers.recipe import measure_accuracy

        with threadpool_limits(1):
            tune.report({"accuracy": measure_accuracy(work, config["label"])})

    started = time.perf_counter()
    ray.init(num_cpus=work.cores, include_dashboard=False, log_to_driver=False, logging_level="ERROR", _temp_dir=folder)
    startup = time.perf_counter() - started
    try:
        with Stopwatch() as watch:
            tuner = tune.Tuner(
                tune.with_resources(tune.with_parameters(train, work=work), {"cpu": 1}),
                param_space={"label": tune.grid_search([*work.definitions])},
                tune_config=tune.TuneConfig(reuse_actors=reuse_actors),
                run_config=tune.RunConfig(storage_path=f"{folder}/results", verbose=0),
            )
            results = tuner.fit()
    finally:
        ray.shutdown()
    accuracies = {each.config["label"]: each.metrics["accuracy"] for each in results}
    return Outcome(watch.seconds, watch.core_seconds, accuracies, startup)


def main() -> None:
    """Do the work in a file and write the outcome to another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("outcome", type=Path)
    parser.add_argument("--reuse-actors", action="store_true", default=None, help="TuneConfig(reuse_actors=True)")
    chosen = parser.parse_args()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # names of sockets contain the folder's name and may not be long
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        search(Work.read(chosen.work), folder, chosen.reuse_actors).write(chosen.outcome)


if __name__ == "__main__":
    main()
