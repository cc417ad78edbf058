"""In which order definitions are trained, so that workers prepare different things and wait for nobody."""

from collections.abc import Iterable

from pipeline.plans.definition import Definition

_AT_ONCE = 64
"""So many adapters are trained before what needs them: more would fill the store, fewer leave workers waiting."""


def order_to_share(definitions: Iterable[Definition]) -> list[Definition]:
    """Return definitions so that each adapter is trained early by one of them, and those that share it come after.

    Among the next adapters, first one definition for each; then, adapter by adapter, one for each other way to adapt
    the examples with it, then all others, in their order: workers that begin together begin different adapters, and who
    comes later begins with the adapter that was begun first, and finds what it needs.
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
