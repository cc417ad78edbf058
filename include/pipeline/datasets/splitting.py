"""Ways to split examples into those that train and those that test, given the share that trains."""

import hashlib

from pipeline.examples.example import ExampleSet

Halves = tuple[ExampleSet, ExampleSet]


def split_by_time(examples: ExampleSet, training_ratio: float) -> Halves:
    """Return the oldest examples and the newest; the number of the oldest is rounded to the nearest integer."""
    count = round(len(examples) * training_ratio)
    return examples[:count], examples[count:]


def split_at_random(examples: ExampleSet, training_ratio: float, seed: int) -> Halves:
    """Return examples drawn by class, and the others, both oldest first.

    The number of training examples of a class is rounded to the nearest integer, but a class of two or more has an
    example in both sets; a single example trains. The draw depends on the text alone, so that examples added later do
    not reshuffle the others, and equal texts of a class stay on one side unless the rounded number cuts among them.
    """
    rows_by_class: dict[str, list[int]] = {}
    for row, name in enumerate(examples.classifications):
        rows_by_class.setdefault(name, []).append(row)
    training: list[int] = []
    testing: list[int] = []
    for rows in rows_by_class.values():
        count = min(max(1, round(len(rows) * training_ratio)), max(1, len(rows) - 1))
        drawn = sorted(rows, key=lambda row: draw(examples.texts[row], seed))
        training += drawn[:count]
        testing += drawn[count:]
    return examples.take(sorted(training)), examples.take(sorted(testing))


def draw(text: str, seed: int) -> bytes:
    """Return a pseudo-random value that is the same on every machine and version of Python."""
    return hashlib.sha256(f"{seed}:{text}".encode()).digest()
