"""Ends what a budget of the plan does not allow to begin, and what needs more memory than it may."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.errors import TrainingError
from pipeline.runs.connections import Connections
from pipeline.stores.models.budgets import Budgets
from pipeline.training.lineage import TaskRun
from pipeline.training.memory_limit import limit_memory


class StoppedError(Exception):
    """The definition is not trained, which is no fault of its own: by the search or a budget. The message says why."""


def require_budget(label: str, task: TaskRun, connections: Connections) -> None:
    """Check that no budget of the plan keeps a definition from beginning.

    Raises:
        StoppedError: one does.
        TrainingError: an earlier try needed more memory than the plan allows.
    """
    end = Budgets(connections.models_db).find_end(task.run_id, label, task.map_index)
    if end is None:
        return
    if end.state == "failed":
        raise TrainingError(label, end.reason)
    raise StoppedError(f"{label}: {end.reason}")


@contextmanager
def within_memory(
    label: str, run_id: str, limit_mb: int | None, connections: Connections, *, is_own: bool = True
) -> Iterator[None]:
    """Let a training fail that needs more memory than the plan allows; see `limit_memory`.

    Args:
        is_own: whether the process is that of the definition's own task instance. Another one may have memory of what
            it did before, so it does not decide that the definition has failed.
    """

    def record(reason: str) -> None:
        if is_own:
            Budgets(connections.models_db).fail_for_memory(run_id, label, reason)

    with limit_memory(limit_mb, record):
        yield
