"""All permutations of lists of options, in an order that does not depend on how the plan was written down."""

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any


def permute(options: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Yield every choice of one value for each option; options by name, the last one changing fastest."""
    names = sorted(options)
    for values in product(*(options[name] for name in names)):
        yield dict(zip(names, values, strict=True))


def count_permutations(plan: dict[str, Any]) -> int:
    """Return how many permutations a plan has, without making them."""
    return prod(len(values) for section in plan.values() for values in section.get("options", {}).values())
