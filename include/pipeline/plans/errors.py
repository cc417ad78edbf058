"""A finding is one thing that is wrong in a plan; a `PlanError` has all of them."""

from dataclasses import asdict, dataclass
from typing import ClassVar, Self

from pipeline.errors import PipelineError

MOST_PRINTED = 100  # nobody reads more; programs get all of them


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in a plan.

    Args:
        path: where it is: `model.options.degree[1]`.
        what: what was found there.
        allowed: what is allowed there; empty if unknown.
        suggestion: the nearest valid name, or what to do next; empty if there is neither.
    """

    path: str
    what: str
    allowed: str = ""
    suggestion: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return its fields as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        return str(PipelineError(self.path, self.what, self.allowed, self.suggestion))


class PlanError(PipelineError):
    """A plan that cannot be trained. Its `findings` are everything that is wrong in it, at least one."""

    subject: ClassVar[str] = "the plan"

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        first = findings[0]
        super().__init__(first.path, first.what, first.allowed, first.suggestion)

    def __str__(self) -> str:
        if len(self.findings) == 1:
            return str(self.findings[0])
        lines = [f"  {number}. {finding}" for number, finding in enumerate(self.findings[:MOST_PRINTED], 1)]
        if len(self.findings) > MOST_PRINTED:
            lines.append(f"  … and {len(self.findings) - MOST_PRINTED:,} more")
        return "\n".join((f"{self.subject} has {len(self.findings):,} mistakes:", *lines))

    def __reduce__(self) -> tuple[type[Self], tuple[list[Finding]]]:  # type: ignore[override]
        return (type(self), (self.findings,))


class EvaluationRequestError(PlanError):
    """A request for an evaluation that is wrong. Its `findings` are everything that is wrong in it, at least one."""

    subject = "the evaluation"
