"""Metrics of the service for Prometheus, over all its processes. None contains a text."""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from pipeline.service.served import Answer

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable in which prometheus_client looks for the folder that the processes share."""

if FOLDER in os.environ:
    # Otherwise each change of a number asks for the process's id. It cannot change: a worker does not fork.
    _ID = os.getpid()
    values.ValueClass = values.MultiProcessValue(lambda: _ID)  # type: ignore[no-untyped-call]

_MOST_CLASSES = 200
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

requests = Counter("service_requests", "Requests that were answered.", ["route", "status"])
seconds = Histogram("service_request_seconds", "How long a request took.", ["route"], buckets=_SECONDS)
batches = Histogram(
    "service_batch_texts", "How many texts were classified together.", ["model"], buckets=(1, 2, 4, 8, 16, 32, 64, 256)
)
answers = Counter(
    "service_answers", "Answers by class; of models with over 200 classes, all together.", ["model", "class"]
)
switches = Counter("service_switches", "How often a process began to answer with another version.", ["model"])


def count_answers(reference: str, answer: Answer) -> None:
    """Count the classes that were answered."""
    if len(answer.served.classes) > _MOST_CLASSES:
        answers.labels(reference, "any").inc(len(answer.classes))
        return
    for name in answer.classes:
        answers.labels(reference, name).inc()


def render(told: Sequence[dict[str, Any]]) -> bytes:
    """Return the metrics of all processes in Prometheus's text format.

    Args:
        told: what `/v1/models` shows.
    """
    registry = REGISTRY
    if FOLDER in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry) + generate_latest(_Targets(told))


class _Targets(CollectorRegistry):
    """What is served, as the process that follows last said: the same from every process."""

    def __init__(self, told: Sequence[dict[str, Any]]) -> None:
        super().__init__()
        self._told = told

    def collect(self) -> Iterator[Metric]:
        names = ["model", "label", "version"]
        age = GaugeMetricFamily("service_model_age_seconds", "How long a version has been in service.", labels=names)
        trouble = GaugeMetricFamily(
            "service_model_trouble", "Whether a model is not what it should be.", labels=["model"]
        )
        now = datetime.now(UTC)
        for each in self._told:
            trouble.add_metric([each["model"]], float(each["trouble"] is not None))
            if each["label"] is not None:
                since = datetime.fromisoformat(each["since"])
                age.add_metric([each["model"], each["label"], str(each["version"])], (now - since).total_seconds())
        yield age
        yield trouble
