"""Models that a plan's search cannot try with few of what it names."""

from collections.abc import Iterable

from pipeline.models import models as known
from pipeline.models.base import Model
from pipeline.plans.errors import Finding
from pipeline.plans.wording import join
from pipeline.search.settings import EXAMPLES, Search


def find_unsized(search: Search | None, models: Iterable[Model]) -> list[Finding]:
    """Return a finding if a search tries models with few iterations or trees, and some of them have no such size."""
    if search is None or search.resource == EXAMPLES:
        return []
    without = sorted({each.name for each in models if search.resource not in each.sized_by})
    if not without:
        return []
    sized = [name for name, each in known.classes.items() if search.resource in each.sized_by]
    return [
        Finding(
            "search.resource",
            f"{search.resource}, which {join(without)} cannot be given less of",
            f"models such as {join(sized)}",
            f'choose "{EXAMPLES}", which suits every model',
        )
    ]
