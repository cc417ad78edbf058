"""Every error that a user can see: one base class, fields as attributes, one readable sentence.

The sentence reads *where: what, got; what is allowed; next step*. An error that a retry cannot fix
(`retryable` is false) fails its task instance at once; see `train_classifiers`.
"""

from typing import ClassVar

from pipeline.visible import escape_harmful


class PipelineError(Exception):
    """An error that a person can act on.

    Args:
        where: the place: a file and line, a path in a plan, a connection.
        what: what is wrong there, with the value found.
        allowed: what would have been right; empty if unknown.
        next_step: what to do now; empty if `allowed` says it.
    """

    retryable: ClassVar[bool] = False

    def __init__(self, where: str, what: str, allowed: str = "", next_step: str = "") -> None:
        self.where = where
        self.what = what
        self.allowed = allowed
        self.next_step = next_step
        super().__init__(str(self))

    def __str__(self) -> str:
        rest = "; ".join(part for part in (self.allowed, self.next_step) if part)
        sentence = escape_harmful(f"{self.where}: {self.what}" + (f"; {rest}" if rest else ""))
        return sentence if sentence.endswith(("?", ".", "`")) else f"{sentence}."

    def __reduce__(self) -> tuple[type["PipelineError"], tuple[str, str, str, str]]:
        return (type(self), (self.where, self.what, self.allowed, self.next_step))


def describe_error(error: BaseException) -> str:
    """Return what a log may say about an error: its sentence, or only its type if it is not a `PipelineError`."""
    return str(error) if isinstance(error, PipelineError) else type(error).__name__


class RetryableError(PipelineError):
    """An error that may go away by itself: a database that is down, a broker that does not answer."""

    retryable: ClassVar[bool] = True


class NotFoundError(PipelineError):
    """Nothing has this name or number."""


class OptionError(PipelineError):
    """An option that its class does not have, or a value that the option does not accept."""


class UnknownNameError(PipelineError):
    """A name that no class of its family has."""


class NotInstalledError(PipelineError):
    """A package that is not installed, because this installation is for answers only.

    Args:
        package: its name, as it is imported.
    """

    def __init__(self, package: str) -> None:
        super().__init__(
            package,
            "is not installed",
            "it is part of the platform, which trains models and runs a deployment",
            "install that: `pip install 'classifier-pipeline[platform]'`",
        )

    def __reduce__(self) -> tuple[type["NotInstalledError"], tuple[str]]:  # type: ignore[override]
        return (type(self), (self.where,))


class TrainingError(PipelineError):
    """A definition that cannot be trained on the examples it selects."""

    def within(self, part: str) -> "TrainingError":
        """Return the same error with the part of the training in which it happened, such as `in fold 2 of 5`."""
        return TrainingError(self.where, f"{part}: {self.what}", self.allowed, self.next_step)


class ExamplesChangedError(TrainingError):
    """A definition whose examples are not those with which its run began.

    Args:
        dataset: the name of the dataset.
    """

    def __init__(self, dataset: str) -> None:
        super().__init__(
            dataset,
            "it selects other examples now than when the run began, and a run compares models on the same examples",
            next_step="trigger the plan again, or clear `expand_plan` and all that follows it: "
            "the run then starts over with the current examples",
        )

    def __reduce__(self) -> tuple[type["ExamplesChangedError"], tuple[str]]:  # type: ignore[override]
        return (type(self), (self.where,))


class ExamplesError(PipelineError):
    """A file of examples that cannot be loaded, or an example that cannot be read back."""


class KeyRingError(PipelineError):
    """A key that is missing, malformed, or not the one a row was encrypted with."""


class DocumentError(PipelineError):
    """A document that is refused: unknown, damaged, or with content that documents may not have."""


class PredictionDriftError(DocumentError):
    """A valid document whose model no longer answers as it did when it was trained."""


class DatabaseUnavailableError(RetryableError):
    """A database that cannot be reached."""


class BrokerUnavailableError(RetryableError):
    """A message broker that cannot be reached or did not confirm."""


class DeploymentError(PipelineError):
    """A deployment on this machine that cannot be started, reached or stopped."""


class AirflowUnavailableError(DeploymentError):
    """An Airflow that does not answer in time, or answers that it cannot serve the request (status 500 and above)."""

    answered = False
    """Whether it answered at all. If so, it is running, and something that it needs is missing."""
