"""How large a plan can be. The checks, the JSON Schema and the guide have the same limits."""

LARGEST_PLAN_BYTES = 2**19
"""The size of its text: several thousand blocks. Airflow takes seconds to check so much with the JSON Schema."""

MOST_LEVELS = 32
"""How many lists and objects can be inside each other; the deepest option of the product is at the ninth level."""

MAX_COMBINATIONS = 10_000
"""Combinations of blocks, one of each section."""

MOST_BLOCKS = MAX_COMBINATIONS
"""Blocks of one section: more would make too many combinations by themselves."""

MOST_VALUES = 10_000
"""Values of one option, or of one condition of a rule."""

MOST_RULES = 1_000
"""Rules of `exclude`."""

LONGEST_ADDRESS = 2_000
"""Characters of `$schema`."""
