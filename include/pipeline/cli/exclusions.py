"""What left permutations of a plan out."""

import json
from collections.abc import Sequence
from typing import Any

from pipeline.cli.output import print_line


def print_exclusions(exclusions: Sequence[dict[str, Any]]) -> None:
    """Print what left permutations out, and how many."""
    for exclusion in exclusions:
        # sorted, for a plan's keys come back from the databases in another order
        rule = json.dumps(exclusion["rule"], ensure_ascii=False, sort_keys=True)
        print_line(f"excluded {exclusion['permutations']:,} by {rule}")
