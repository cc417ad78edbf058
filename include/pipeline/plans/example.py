"""The plans that people start with: one for the demo's examples, and one for the examples that are there."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

EXAMPLE_PLAN: dict[str, Any] = {
    "dataset": {
        "name": "SpanDataset",
        "options": {
            "start_datetime_str": ["1993-4-1"],
            "end_datetime_str": ["1993-4-24"],
            "training_ratio": [0.8],
        },
    },
    "adapter": {"name": "Word2VecAdapter", "options": {"sequence_length": [50, 100]}},
    "model": {
        "name": "scikit_model_svm",
        "options": {"kernel": ["rbf"], "degree": [3, 4], "tolerance": [1e-3]},
    },
}
"""It has four definitions, over the examples of the demo."""


def make_example(spans: Mapping[str, tuple[datetime, datetime]]) -> dict[str, Any]:
    """Return a plan that fits the examples that are there: three recipes that train in seconds and are often good.

    Args:
        spans: when the first and the last example of each collection occurred (UTC).

    Returns:
        A plan over the whole collection that has the newest example; without any examples, `EXAMPLE_PLAN`.
    """
    if not spans:
        return EXAMPLE_PLAN
    collection = max(spans, key=lambda name: (spans[name][1], name))
    first, last = spans[collection]
    options: dict[str, Any] = {
        "start_datetime_str": [_write_day(first)],
        "end_datetime_str": [_write_day(_day_after(last))],
        "training_ratio": [0.8],
    }
    if collection != "default":
        options["collection"] = [collection]
    return {
        "dataset": {"name": "SpanDataset", "options": options},
        "adapter": {"name": "TfidfAdapter", "options": {"sublinear_tf": [True]}},
        "model": {"name": "scikit_model_linear_svm", "options": {"C": [0.1, 1, 10]}},
    }


def shorten_lists(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return an example with single values in place of lists of one, which means the same and needs fewer lines."""
    return {
        section: block
        | {
            "options": {
                name: values[0] if len(values) == 1 and not isinstance(values[0], list) else values
                for name, values in block["options"].items()
            }
        }
        for section, block in plan.items()
    }


def _day_after(moment: datetime) -> datetime:
    try:
        return moment + timedelta(days=1)
    except OverflowError:  # there is no later day, and the span ends before the last moment
        return moment


def _write_day(moment: datetime) -> str:
    """Return a day as people write it: `2016-1-1`."""
    return f"{moment.year:04}-{moment.month}-{moment.day}"
