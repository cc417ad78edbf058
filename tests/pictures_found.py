"""What pictures of runs are drawn from."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.registry.front import find_front

START = datetime(2026, 1, 1, tzinfo=UTC)


def make_model(label: str, seconds: float, score: float | None, **overrides: Any) -> dict[str, Any]:
    """Return a definition with a model that differs from the best."""
    values = {"label": label, "model": f"{label}@1", "state": "trained", "score": score, "training_seconds": seconds}
    return values | {"best": False, "tie": False, "steps": []} | overrides


def make_found(*definitions: dict[str, Any], steps_of: str | None = None, **metric: Any) -> dict[str, Any]:
    """Return what `find_trainings` returns of these definitions, those with a model first and the best first of all."""
    metric = {"name": "accuracy", "title": "accuracy", "lower_is_better": False} | metric
    models = [each for each in definitions if each["model"]]
    sign = -1 if metric["lower_is_better"] else 1
    front = find_front([(each["training_seconds"], sign * each["score"]) for each in models])
    return {
        "metric": metric,
        "fronts": {"training_seconds": [models[place]["label"] for place in front]},
        "steps_of": steps_of,
        "definitions": list(definitions),
    }


def make_bar(begin: float, end: float, lane: int = 0, **overrides: Any) -> dict[str, Any]:
    """Return a training; times are seconds after the run began."""
    times = {"began_at": START + timedelta(seconds=begin), "ended_at": START + timedelta(seconds=end)}
    return (
        {"label": "a", "state": "trained", "rung": None, "host": "one", "lane": lane, "waits": []} | times | overrides
    )
