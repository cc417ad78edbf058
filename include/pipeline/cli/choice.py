"""By which score the best model is chosen, and on which examples, in words."""

from typing import Any

from pipeline.plans.metric import ACCURACY, parse_metric
from pipeline.plans.wording import count_of


def describe_choice(definition: dict[str, Any]) -> str:
    """Return by which score, on which examples, the best model was chosen, for any definition with a model."""
    metric, chosen_on = parse_metric(definition["metric"]), definition["validation_set"]
    if chosen_on is None:
        hold_back = "validation_ratio or folds in the plan's dataset hold examples back for choosing"
        return f"chosen by {metric.title} on this same testing set, which flatters the best; {hold_back}"
    return f"chosen by {metric.title} {describe_validation_set(chosen_on)}; accuracy and gain are of the testing set"


def describe_validation_set(validation_set: dict[str, Any]) -> str:
    """Return `in 5 folds of 71 training examples` or `on 18 examples held back from training`."""
    count = validation_set["examples"]
    if validation_set["folds"]:
        return f"in {validation_set['folds']} folds of {count_of(count, 'training example')}"
    return f"on {count_of(count, 'example')} held back from training"


def format_score(definition: dict[str, Any]) -> str:
    """Return the score by which a definition is ranked, such as `0.912`, or `0.912 ± 0.014` over folds."""
    if definition["score"] is None:
        return "unknown"
    deviation = "" if definition["deviation"] is None else f" ± {definition['deviation']:.3f}"
    return f"{definition['score']:.3f}{deviation}"


def title_score(definition: dict[str, Any]) -> str:
    """Return the metric as people read it, with what it was measured on, if that is not the testing set."""
    metric, chosen_on = parse_metric(definition["metric"]), definition["validation_set"]
    if chosen_on is None:
        return metric.title
    return f"{metric.title}, {'folds' if chosen_on['folds'] else 'validation'}"


def has_own_score(definition: dict[str, Any]) -> bool:
    """Return whether a definition is ranked by something else than the testing set's accuracy, which has a column."""
    return definition["validation_set"] is not None or parse_metric(definition["metric"]) != ACCURACY
