"""What the databases hold already: the examples that a plan asks for, and models that stand for its definitions."""

from datetime import datetime

from pipeline.datetimes import canonical_datetime
from pipeline.examples.example import Selection
from pipeline.plans.errors import Finding
from pipeline.plans.expansion import Expansion
from pipeline.stores.examples_survey import ExamplesSurvey
from pipeline.stores.models import ModelsStore


def find_empty_selections(expansion: Expansion, survey: ExamplesSurvey) -> list[Finding]:
    """Return a finding for each selection of examples that holds none."""
    paths = {
        selection: expansion.dataset_paths[dataset.canonical]
        for dataset in expansion.datasets
        for selection in dataset.selections
    }
    empty = [selection for selection, count in zip(paths, survey.count([*paths]), strict=True) if not count]
    spans = survey.spans() if empty else {}
    return [
        Finding(
            f"{paths[selection]}.options",
            f"collection {selection.collection!r} holds no examples from {_write(selection.start)} "
            f"up to {_write(selection.end)}",
            _tell_what_is_there(selection, spans),
            "`pipeline examples stats` tells more",
        )
        for selection in empty
    ]


def find_reusable(expansion: Expansion, survey: ExamplesSurvey, models: ModelsStore) -> dict[str, int]:
    """Return, by label, the models that stand for definitions: trained on the same examples with the same seed."""
    datasets = expansion.datasets
    digests = dict(zip((dataset.canonical for dataset in datasets), survey.digest(datasets), strict=True))
    wanted = {definition.label: digests[definition.dataset.canonical] for definition in expansion.to_train}
    return models.find_stored(wanted, expansion.settings.seed)


def _write(moment: datetime) -> str:
    return canonical_datetime(moment.isoformat())


def _tell_what_is_there(selection: Selection, spans: dict[str, tuple[datetime, datetime]]) -> str:
    if selection.collection in spans:
        first, last = spans[selection.collection]
        return f"its first example is of {_write(first)}, its last of {_write(last)}"
    return f"collections with examples: {', '.join(spans)}" if spans else "there are no examples at all"
