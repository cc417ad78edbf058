"""The metric of a plan: which score ranks its models."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from pipeline.examples.classes import LONGEST_CLASSIFICATION, name_class

_WHOLE: Final = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "balanced_accuracy": "balanced accuracy",
    "log_loss": "log loss",
}
"""Metrics of all classes together, with their titles."""

_BY_CLASS: Final = {"f1": "F1", "recall": "recall"}
"""Metrics of one class."""

ALLOWED: Final = f"{', '.join(_WHOLE)}, or {' or '.join(f'{name}:CLASS' for name in _BY_CLASS)} with a class's name"

LONGEST_METRIC: Final = LONGEST_CLASSIFICATION + len("recall:")


@dataclass(frozen=True)
class Metric:
    """A score that models are ranked by.

    Attributes:
        kind: `accuracy`, `macro_f1`, `balanced_accuracy`, `log_loss`, `f1` or `recall`.
        class_name: the class whose score it is; None for a score of all classes together.
    """

    kind: str = "accuracy"
    class_name: str | None = None

    @property
    def name(self) -> str:
        """The metric as plans write it, such as `macro_f1` or `recall:spam`."""
        return self.kind if self.class_name is None else f"{self.kind}:{self.class_name}"

    @property
    def title(self) -> str:
        """The metric as people read it, such as `macro F1` or `recall of spam`."""
        return _WHOLE[self.kind] if self.class_name is None else f"{_BY_CLASS[self.kind]} of {self.class_name}"

    @property
    def path(self) -> list[str]:
        """Where the score is in `Scores.to_dict()`."""
        return [self.kind] if self.class_name is None else ["per_class", self.class_name, self.kind]

    @property
    def lower_is_better(self) -> bool:
        """Whether a lower score is the better one."""
        return self.kind == "log_loss"

    @property
    def needs_probabilities(self) -> bool:
        """Whether it can be computed only for models that provide probabilities."""
        return self.kind == "log_loss"


ACCURACY: Final = Metric()


def parse_metric(written: str) -> Metric:
    """Return the metric that a plan names.

    Raises:
        ValueError: there is no such metric.
    """
    kind, colon, class_name = written.partition(":")
    if not colon and kind in _WHOLE:
        return Metric(kind)
    if kind in _BY_CLASS and class_name:
        return Metric(kind, name_class(class_name)[0])
    raise ValueError(f"{written[:100]!r} is no metric; allowed are {ALLOWED}")


def describe_metric(written: str) -> dict[str, Any]:
    """Return a metric's name, its title, and whether a lower score is the better one, as JSON values."""
    metric = parse_metric(written)
    return {"name": metric.name, "title": metric.title, "lower_is_better": metric.lower_is_better}


def _check(written: str) -> str:
    return parse_metric(written).name


MetricName = Annotated[
    str,
    Field(
        max_length=LONGEST_METRIC,
        json_schema_extra={
            "pattern": f"^({'|'.join(_WHOLE)}|({'|'.join(_BY_CLASS)}):.+)$",
            "examples": ["accuracy", "macro_f1", "recall:spam"],
        },
    ),
    AfterValidator(_check),
]
"""The type of a setting that names a metric."""
