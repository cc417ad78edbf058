"""Models that the plan's metric cannot rank."""

from collections.abc import Iterable

from pipeline.models.base import Model
from pipeline.plans.errors import Finding
from pipeline.plans.metric import parse_metric
from pipeline.plans.wording import join


def find_unscored(metric: str, models: Iterable[Model]) -> list[Finding]:
    """Return a finding if a metric needs probabilities, and some models provide none."""
    if not parse_metric(metric).needs_probabilities:
        return []
    without = sorted({each.name for each in models if not each.gives_probabilities})
    if not without:
        return []
    return [
        Finding(
            "metric",
            f"{metric}, but with options of this plan no probabilities are provided by {join(without)}",
            "models that provide probabilities",
            'set "calibration" to "sigmoid" where a model has this option, or choose another metric',
        )
    ]
