"""Ray Tune's ASHA: `python -m peers.ray_asha WORK OUTCOME SECONDS`."""

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from peers.tries import PARTS, Reached, Tried, try_definition
from peers.work import Work


def search(work: Work, folder: str, seconds: float) -> Reached:
    """Try definitions until the time is over; each rung is one iteration of a trial."""
    import ray
    from ray import tune
    from ray.tune.schedulers import ASHAScheduler

    started = time.perf_counter()
    ray.init(num_cpus=work.cores, include_dashboard=False, log_to_driver=False, logging_level="ERROR", _temp_dir=folder)
    startup = time.perf_counter() - started
    begun = time.time()

    def train(config: dict[str, Any], work: Work) -> None:
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            for part in PARTS:
                tune.report(vars(try_definition(work, config["label"], part, begun)))

    try:
        tuner = tune.Tuner(
            tune.with_resources(tune.with_parameters(train, work=work), {"cpu": 1}),
            param_space={"label": tune.grid_search([*work.definitions])},
            tune_config=tune.TuneConfig(
                metric="validation",
                mode="max",
                scheduler=ASHAScheduler(max_t=len(PARTS), grace_period=1, reduction_factor=3),
                time_budget_s=seconds,
                reuse_actors=True,
            ),
            run_config=tune.RunConfig(storage_path=f"{folder}/results", verbose=0),
        )
        results = tuner.fit()
    finally:
        ray.shutdown()
    names = Tried.__dataclass_fields__
    tried = [
        Tried(**{name: row[name] for name in names})
        for result in results
        if result.metrics_dataframe is not None
        for row in result.metrics_dataframe.to_dict("records")
    ]
    return Reached(startup, sorted(tried, key=lambda each: each.seconds))


def main() -> None:
    """Search for so many seconds, and write what was reached."""
    path, outcome, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        search(Work.read(path), folder, seconds).write(outcome)


if __name__ == "__main__":
    main()
