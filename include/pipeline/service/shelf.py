"""What a worker answers with: a desk for each reference."""

from collections.abc import Sequence
from typing import Any

from pipeline.errors import NotFoundError
from pipeline.service.desk import Desk


class Shelf:
    """The desks of all references that are served, in their order; the first answers who names none.

    Attributes:
        told: what the process that follows last said about each reference, as `/v1/models` shows it.
    """

    def __init__(self, references: Sequence[str]) -> None:
        self.desks = {reference: Desk(reference) for reference in references}
        self.told: list[dict[str, Any]] = []

    def find(self, reference: str | None) -> tuple[str, Desk]:
        """Return a reference and its desk.

        Raises:
            NotFoundError: it is not served here.
        """
        name = next(iter(self.desks)) if reference is None else reference
        if name not in self.desks:
            raise NotFoundError("model", f"{name[:100]!r} is not served here", f"one of {', '.join(self.desks)}")
        return name, self.desks[name]

    @property
    def missing(self) -> list[str]:
        """The references without a model."""
        return [reference for reference, desk in self.desks.items() if desk.served is None]
