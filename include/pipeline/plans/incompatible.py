"""Adapters and models of a plan that cannot work together."""

from typing import Any

from pipeline.models import models
from pipeline.plans.errors import Finding
from pipeline.plans.space import Piece, Space
from pipeline.plans.wording import join

ADAPTER, MODEL = 1, 2
"""The places of these sections in a definition."""


def find_incompatible(space: Space) -> list[Finding]:
    """Return a finding for each class of adapter that occurs with a class of model that cannot take its features."""
    found: dict[tuple[str, str], Finding] = {}
    for piece in space.pieces:
        adapter, model = piece.block(ADAPTER), piece.block(MODEL)
        key = (adapter.component.name, model.component.name)
        if key not in found and _is_incompatible(piece):
            others = [name for name, other in models.classes.items() if other.takes_negative]
            found[key] = Finding(
                f"{model.path}.name",
                f"{key[1]} cannot take negative features, and {key[0]} ({adapter.path}) produces some",
                f"with this adapter one of {join(others)}",
                'choose another, or drop the pair with "exclude": '
                f'[{{"adapter.name": "{key[0]}", "model.name": "{key[1]}"}}]',
            )
    return list(found.values())


def _is_incompatible(piece: Piece) -> bool:
    adapter: Any = piece.block(ADAPTER).component
    model: Any = piece.block(MODEL).component
    if model.takes_negative or not adapter.gives_negative:
        return False
    return bool(adapter.can_give_negative(piece.list_values(ADAPTER)))
