"""How large a plan can be. Checks, JSON Schema and guide say the same; what is larger is refused before it is read."""

LARGEST_PLAN_BYTES = 2**19
"""Of its text: several thousand blocks. Airflow takes seconds to compare so much with the schema."""

MOST_LEVELS = 32
"""So deep are lists and objects inside each other; the deepest option of our own is at the ninth level."""

MAX_COMBINATIONS = 10_000
"""Of blocks, one of each section."""

MOST_BLOCKS = MAX_COMBINATIONS
"""Blocks of one section: more cannot be combined with anything."""

MOST_VALUES = 10_000
"""Values of one option, or of one condition of a rule."""

MOST_RULES = 1_000
"""Rules of `exclude`."""

LONGEST_ADDRESS = 2_000
"""Characters of `$schema`."""
