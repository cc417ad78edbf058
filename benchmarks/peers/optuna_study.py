"""Optuna: `python -m peers.optuna_study WORK OUTCOME`."""

import multiprocessing
import sys
import tempfile
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from peers.work import Outcome, Stopwatch, Work

STUDY = "sweep"


def open_study(journal: Path) -> Any:
    """Return the study in a journal, which several processes may open at once."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = JournalStorage(JournalFileBackend(str(journal)))
    return optuna.create_study(study_name=STUDY, storage=storage, direction="maximize", load_if_exists=True)


def take_trials(journal: Path, path: Path, begin: Barrier) -> None:
    """Train definitions until none waits in the study; the examples are read once, before it begins."""
    from optuna.trial import TrialState
    from threadpoolctl import threadpool_limits

    from peers.recipe import measure_accuracy

    work = Work.read(path)
    labels, few = [*work.definitions], work.shorten()
    with threadpool_limits(1):  # one thread for each process, as with joblib
        for label in few.definitions:  # everything that is needed is imported now
            measure_accuracy(few, label)
        begin.wait()
        study = open_study(journal)
        while True:
            trial = study.ask()
            if "label" not in trial.user_attrs:  # none waits any more: the sampler made this one up
                study.tell(trial, state=TrialState.FAIL)
                return
            place = trial.suggest_int("definition", 0, len(labels) - 1)
            study.tell(trial, measure_accuracy(work, labels[place]))


def search(work: Work, path: Path) -> Outcome:
    """Train all definitions, each as an enqueued trial, in as many processes as there are cores.

    Raises:
        RuntimeError: a process could not be started.
    """
    from optuna.trial import TrialState

    started, context = time.perf_counter(), multiprocessing.get_context("spawn")
    begin = context.Barrier(work.cores + 1)
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder, "journal")
        processes = [
            context.Process(target=take_trials, args=(journal, path, begin), daemon=True) for _ in range(work.cores)
        ]
        for process in processes:
            process.start()
        study = open_study(journal)
        while begin.n_waiting < work.cores:
            if not all(process.is_alive() for process in processes):
                raise RuntimeError("a process ended before the work began")
            time.sleep(0.01)
        startup = time.perf_counter() - started
        with Stopwatch() as watch:
            for place, label in enumerate(work.definitions):
                study.enqueue_trial({"definition": place}, user_attrs={"label": label})
            begin.wait()
            for process in processes:
                process.join()
        trials = study.get_trials(states=(TrialState.COMPLETE,))
    accuracies = {each.user_attrs["label"]: each.value for each in trials}
    return Outcome(watch.seconds, watch.core_seconds, accuracies, startup)


def main() -> None:
    """Do the work in a file and write the outcome to another."""
    path, outcome = map(Path, sys.argv[1:])
    search(Work.read(path), path).write(outcome)


if __name__ == "__main__":
    main()
