"""Sorts definitions for training, so that workers prepare different adapters and do not wait for each other."""

from collections.abc import Iterable

from pipeline.plans.definition import Definition

_AT_ONCE = 64
"""How many adapters are trained before the definitions that share them: more would fill the store of prepared features,
and with fewer, workers would wait."""


def order_to_share(definitions: Iterable[Definition]) -> list[Definition]:
    """Return definitions in an order in which one of them trains each adapter early and those that share it follow.

    For each group of adapters, the order is: first one definition for each adapter; then, adapter by adapter, one
    definition for each other way to adapt the examples with it, and after these all its others. So workers that begin
    together train different adapters, and later workers find these adapters trained.
    """
    adapters: dict[tuple[str, str], int] = {}
    adapted: set[tuple[str, str]] = set()
    ranked = []
    for definition in definitions:
        dataset, adapter = definition.dataset.effective, definition.adapter
        trained, rows = (dataset, adapter.training_text), (dataset, adapter.effective)
        first = trained not in adapters
        number = adapters.setdefault(trained, len(adapters))
        turn = 0 if first else 2 if rows in adapted else 1
        adapted.add(rows)
        ranked.append((number // _AT_ONCE, turn > 0, number, turn, definition))
    return [definition for *_, definition in sorted(ranked, key=lambda each: each[:-1])]
