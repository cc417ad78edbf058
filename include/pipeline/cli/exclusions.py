"""The rules of a plan that exclude permutations, in words."""

import json
from collections.abc import Sequence
from typing import Any

from pipeline.cli.output import print_line


def print_exclusions(exclusions: Sequence[dict[str, Any]]) -> None:
    """Print each rule with the number of permutations it excluded."""
    for exclusion in exclusions:
        # sorted: the database returns a plan's keys in another order
        rule = json.dumps(exclusion["rule"], ensure_ascii=False, sort_keys=True)
        print_line(f"excluded {exclusion['permutations']:,} by {rule}")
