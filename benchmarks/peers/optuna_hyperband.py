"""Optuna's TPE with Hyperband: `python -m peers.optuna_hyperband WORK OUTCOME SECONDS`."""

import json
import multiprocessing
import sys
import tempfile
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from peers.tries import PARTS, Reached, Tried, try_definition
from peers.work import Work

STUDY = "search"
_STARTING_SECONDS = 300
"""After so long, a process has not started; waiting for it would never end."""


def open_study(journal: Path, seed: int) -> Any:
    """Return the study in a journal, which several processes may open at once."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(
        study_name=STUDY,
        storage=JournalStorage(JournalFileBackend(str(journal))),
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.HyperbandPruner(min_resource=1, max_resource=len(PARTS), reduction_factor=3),
        direction="maximize",
        load_if_exists=True,
    )


def optimise(journal: Path, path: Path, seconds: float, number: int, begin: Barrier, events: Path) -> None:
    """Try definitions until the time is over; each rung is one step of a trial."""
    import optuna
    from threadpoolctl import threadpool_limits

    work = Work.read(path)
    adapters = sorted({json.dumps(each["adapter"]) for each in work.definitions.values()})
    models = sorted({json.dumps(each["model"]) for each in work.definitions.values()})
    labels = {
        (json.dumps(each["adapter"]), json.dumps(each["model"])): label for label, each in work.definitions.items()
    }
    with threadpool_limits(1), events.open("a", encoding="utf-8") as file:
        few = work.shorten()
        for label in few.definitions:  # everything that is needed is imported now
            try_definition(few, label, 1.0, 0)
        begin.wait(_STARTING_SECONDS)
        started = time.time()
        study = open_study(journal, work.seed + number)

        def objective(trial: Any) -> float:
            chosen = (trial.suggest_categorical("adapter", adapters), trial.suggest_categorical("model", models))
            score = 0.0
            for step, part in enumerate(PARTS, 1):
                tried = try_definition(work, labels[chosen], part, started)
                file.write(json.dumps(vars(tried)) + "\n")
                file.flush()
                score = tried.validation
                trial.report(score, step)
                if trial.should_prune():
                    raise optuna.TrialPruned
            return score

        study.optimize(objective, timeout=seconds)


def main() -> None:
    """Search for so many seconds in as many processes as there are cores, and write what was reached."""
    path, outcome, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    work, started, context = Work.read(path), time.perf_counter(), multiprocessing.get_context("spawn")
    begin = context.Barrier(work.cores + 1)
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder, "journal")
        files = [Path(folder, f"{number}.jsonl") for number in range(work.cores)]
        processes = [
            context.Process(target=optimise, args=(journal, path, seconds, number, begin, file))
            for number, file in enumerate(files)
        ]
        for process in processes:
            process.start()
        begin.wait(_STARTING_SECONDS)
        startup = time.perf_counter() - started
        for process in processes:
            process.join()
        lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    tried = sorted((Tried(**json.loads(line)) for line in lines), key=lambda each: each.seconds)
    Reached(startup, tried).write(outcome)


if __name__ == "__main__":
    main()
