"""The example plan that the trigger form starts with."""

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
