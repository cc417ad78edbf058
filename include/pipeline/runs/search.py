"""Takes part in the search of a run, until it is certain whether a definition is trained in full."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from pipeline.cache.cache import Cache
from pipeline.errors import describe_error
from pipeline.log import get_logger
from pipeline.plans.definition import Definition
from pipeline.plans.metric import parse_metric
from pipeline.runs.budgets import StoppedError, require_budget, within_memory
from pipeline.runs.connections import Connections
from pipeline.search.rungs import Rung, list_rungs
from pipeline.search.settings import EXAMPLES, Search
from pipeline.search.verdicts import Entrant, Score, Step, Verdict, judge
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.models.ledger import CancelledError, Ledger
from pipeline.stores.models.trials import MOST_HELPED, Holder, Row, RunSearch, Trial, Trials, get_search, list_trials
from pipeline.training.lineage import TaskRun
from pipeline.training.trial import TrialRunner

WAIT_SECONDS: Final = 5
"""How long an instance waits for others before it leaves: half of the ten seconds after which it can come back."""
_POLL_SECONDS: Final = 0.25

log = get_logger(__name__)


class UndecidedError(Exception):
    """Others are being tried, on which depends what becomes of the definition; ask again later.

    Attributes:
        left: the labels of those that nobody but their own task instances tries any more. If such an instance has ended
            without a result, its definition has failed, and `Ledger.give_up` lets the search go on.
    """

    def __init__(self, label: str, left: Sequence[str] = ()) -> None:
        super().__init__(f"{label} is undecided until others have been tried")
        self.left = left


def search(label: str, task: TaskRun, connections: Connections, is_wanted: Callable[[], bool]) -> None:
    """Take part in the search of a run until it is certain that a definition is trained in full.

    A task instance tries whatever is left to try, of its own definition first and then of others: so it makes no
    difference to the result which of them run, and none has to wait while there is work. A run without a search returns
    at once.

    Args:
        label: the definition's label.
        task: the task instance.
        connections: the databases, and what trials share.
        is_wanted: see `train`.

    Raises:
        StoppedError: it is not trained in full.
        UndecidedError: others are being tried; nothing is held meanwhile.
        CancelledError: its run was ended by hand.
        PipelineError: it cannot be tried.
    """
    run = get_search(connections.models_db, task.run_id)
    if run.search is None:
        return
    trials = Trials(connections.models_db, task.run_id, label)
    ledger = Ledger(connections.models_db)
    try:
        ledger.plan(task.run_id, label, again=False)
    except CancelledError:
        require_budget(label, task, connections)
        if not is_wanted():
            raise
        ledger.plan(task.run_id, label, again=True)
    searcher = Searcher(label, run, run.search, trials, connections)
    deadline = time.monotonic() + WAIT_SECONDS
    while (verdict := searcher.try_all()).step in (Step.TRY, Step.WAIT):
        if time.monotonic() > deadline:
            raise UndecidedError(label, searcher.left)
        require_budget(label, task, connections)
        connections.models_db.close_idle()
        time.sleep(_POLL_SECONDS)
    for trial in list_trials(connections.models_db, task.run_id, label):
        if trial["score"] is None:  # it ended with its run, and no longer matters
            continue
        score = {run.metric: round(abs(trial["score"]), 4)}
        log.info("was tried", rung=trial["rung"] + 1, examples=trial["examples"], **score, in_log_of=trial["tried_by"])
    if verdict.step == Step.STOP:
        reason = searcher.explain(verdict)
        log.info("stopped", label=label, reason=reason)
        ledger.stop(task.run_id, label, reason, task.map_index)
        raise StoppedError(f"{label}: {reason}")


class Searcher:
    """What one task instance does in a search. Not for several threads.

    Args:
        label: the definition whose task instance it is.
        run: the run's seed and metric.
        search: what the plan says about the search.
        trials: those of the run.
        connections: the databases, and what trials share.

    Attributes:
        left: see `UndecidedError`.
    """

    def __init__(self, label: str, run: RunSearch, search: Search, trials: Trials, connections: Connections) -> None:
        self.left: Sequence[str] = ()
        self._label = label
        self._run_id = trials.run_id
        self._max_memory_mb = run.max_memory_mb
        self._connections = connections
        self._search = search
        self._trials = trials
        self._metric = parse_metric(run.metric)
        store = ExamplesStore(connections.examples_db, connections.keyring)
        cache = Cache(connections.cache_store, connections.models_db)
        self._runner = TrialRunner(search, run.seed, self._metric, store, cache)
        self._rows: list[Row] = []
        self._rungs: list[Rung] = []
        self._verdict = Verdict(Step.TRY, 0)

    def try_all(self) -> Verdict:
        """Try one definition after another, until there is none to try or the own one is to be trained in full.

        A task instance whose own definition is stopped goes on with others: it has what they need in memory.

        Returns:
            What comes next for the own definition.
        """
        with self._trials.hold() as holder:
            while trial := holder.begin(self._choose):
                self._try(holder, trial)
        return self._verdict

    def explain(self, verdict: Verdict) -> str:
        """Return why the own definition is stopped."""
        rung = self._rungs[verdict.rung]
        own = next(row for row in self._rows if row.label == self._label)
        score, macro_f1 = abs(own.scores[verdict.rung]), own.macro_f1s[verdict.rung]
        ties = "" if self._metric.kind == "macro_f1" else f" (macro F1 {macro_f1:.4f})"
        what = "training examples" if self._search.resource == EXAMPLES else self._search.resource
        return (
            f"rung {verdict.rung + 1} of {len(self._rungs)}: {self._metric.title} {score:.4f}{ties} with "
            f"{rung.share} of the {what}, not among the best {rung.places} of {rung.entrants}"
        )

    def _choose(self, rows: list[Row]) -> Trial | None:
        """Return what to try next, given all definitions; None if nothing, or if the own one is decided.

        Also what ended with its run is tried, if only the own one goes on. The first rung comes first. Of one rung,
        what took longest in the rung before comes first, lest others wait for it in the end; and then what has an
        adapter that nobody prepares at the moment.
        """
        self._rows, self._rungs = rows, list_rungs(len(rows), self._search)
        verdicts = judge(map(_to_entrant, rows), self._rungs)
        own = next((row for row in rows if row.label == self._label), None)
        self._verdict = verdicts[own.label] if own else Verdict(Step.WHOLE, 0)  # it was reused, and is cleared
        if self._verdict.step == Step.WHOLE or (own and own.state == "cancelled"):
            return None
        idle = [row for row in rows if verdicts[row.label].step == Step.TRY and not row.is_running]
        self.left = [row.label for row in idle if row.label != self._label and row.attempts >= MOST_HELPED]
        free = [row for row in idle if row.label == self._label or row.attempts < MOST_HELPED]
        busy = {row.adapter for row in rows if row.is_running}
        best = min(
            free,
            key=lambda row: (
                row.label != self._label,
                verdicts[row.label].rung,
                -row.seconds,
                row.adapter in busy,
                row.position,
            ),
            default=None,
        )
        return None if best is None else Trial(best.label, verdicts[best.label].rung)

    def _try(self, holder: Holder, trial: Trial) -> None:
        rung = self._rungs[trial.rung]
        log.info("trial", label=trial.label, rung=f"{trial.rung + 1} of {len(self._rungs)}", part=rung.share)
        started = time.perf_counter()
        try:
            definition, digest = self._trials.get_definition(trial.label)
            is_own = trial.label == self._label
            with within_memory(trial.label, self._run_id, self._max_memory_mb, self._connections, is_own=is_own):
                tried = self._runner.run(Definition.from_dict(definition), rung.part, digest)
        except Exception as error:
            if trial.label == self._label or getattr(error, "retryable", False):
                raise
            log.warning("its own task instance tries it again", label=trial.label, reason=describe_error(error))
            holder.leave(trial)
            return
        holder.end(trial, *tried)
        seconds = round(time.perf_counter() - started, 4)
        score = {self._metric.kind: round(abs(tried.score), 4)}
        log.info("tried", label=trial.label, examples=tried.examples, **score, seconds=seconds)


def _to_entrant(row: Row) -> Entrant:
    scores: Sequence[Score] = [Score(*each) for each in zip(row.scores, row.macro_f1s, strict=True)]
    # what nobody else tries any more counts as failed if its own instance will not come
    gone = row.state in ("cancelled", "stopped") and row.attempts >= MOST_HELPED and not row.is_running
    return Entrant(row.label, row.position, scores, row.state == "failed" or gone)
