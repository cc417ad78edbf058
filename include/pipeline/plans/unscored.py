"""Definitions whose models the plan's metric cannot rank."""

from collections.abc import Sequence

from pipeline.plans.definition import Definition
from pipeline.plans.errors import Finding
from pipeline.plans.metric import parse_metric
from pipeline.plans.wording import count_of, join


def find_unscored(metric: str, definitions: Sequence[Definition]) -> list[Finding]:
    """Return a finding if a metric needs probabilities, and models of some definitions provide none."""
    if not parse_metric(metric).needs_probabilities:
        return []
    without = [each.model.name for each in definitions if not each.model.gives_probabilities]
    if not without:
        return []
    names = join(sorted(set(without)))
    return [
        Finding(
            "metric",
            f"{metric}, but {names} provides no probabilities in {count_of(len(without), 'definition')}",
            "models that provide probabilities",
            'set "calibration" to "sigmoid" where a model has this option, or choose another metric',
        )
    ]
