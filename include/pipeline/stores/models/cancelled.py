"""What a training meets whose run was ended by hand."""

from pipeline.errors import TrainingError


class CancelledError(TrainingError):
    """A definition that is cancelled in the ledger is neither trained nor stored."""

    def __init__(self, run_id: str, label: str, consequence: str) -> None:
        self.run_id = run_id
        self.consequence = consequence
        next_step = f"`pipeline runs resume {run_id}` trains it again"
        super().__init__(label, f"cancelled with its run, so {consequence}", next_step=next_step)

    def __reduce__(self) -> tuple[type["CancelledError"], tuple[str, str, str]]:  # type: ignore[override]
        return (type(self), (self.run_id, self.where, self.consequence))
