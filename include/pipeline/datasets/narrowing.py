"""Select a part of the examples by class, text and age. Only references are copied."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise

from pipeline.datasets.cuts import find_cut
from pipeline.datasets.shared import SharedOptions
from pipeline.datasets.split import Removed
from pipeline.errors import TrainingError
from pipeline.examples.classes import find_missing, name_class
from pipeline.examples.example import ExampleSet
from pipeline.log import get_logger

logger = get_logger(__name__)


def narrow(
    found: Sequence[ExampleSet], options: SharedOptions, where: str, in_time: Sequence[int] = (0, 1)
) -> tuple[list[ExampleSet], Removed]:
    """Apply the options to one or more sets of examples; return what is left and the counts of what was removed.

    Args:
        found: the sets. `max_examples` and `min_examples_per_class` count in the first; classes are dropped from all.
        options: the options.
        where: the dataset's name, for messages.
        in_time: the positions of the sets in `found`, the one with the oldest examples first.

    Raises:
        TrainingError: no example belongs to a named class, or no class has enough examples.
    """
    chosen = list(found)
    if options.classes is not None:
        chosen = [_keep_classes(examples, options.classes) for examples in found]
        _look_for_classes(options.classes, chosen, where)
    distinct, contradicted = list(chosen), 0
    if options.duplicates == "remove":
        seen: set[str] = set()
        for place in in_time[: len(distinct)]:
            distinct[place], count = _drop_seen(distinct[place], seen)
            contradicted += count
    first = max(0, len(distinct[0]) - options.max_examples) if options.max_examples else 0
    newest = [distinct[0][first:], *distinct[1:]]
    small = _find_small_classes(newest, options.min_examples_per_class)
    _require_large_class(newest[0], options.min_examples_per_class, where)
    left = [_drop_classes(examples, small) for examples in newest]
    counts = [sum(map(len, stage)) for stage in (found, chosen, distinct, newest, left)]
    other_classes, duplicates, older, small_classes = (before - after for before, after in pairwise(counts))
    cut = find_cut(distinct[0], first)
    return left, Removed(other_classes, duplicates, older, small_classes, len(small), contradicted, cut)


def _keep_classes(examples: ExampleSet, classes: Collection[str]) -> ExampleSet:
    kept = frozenset(classes)
    # earlier versions stored a class as spelled in its file
    wanted = {name for name in set(examples.classifications) if name_class(name)[0] in kept}
    return examples.take([row for row, name in enumerate(examples.classifications) if name in wanted])


def _look_for_classes(classes: Collection[str], chosen: Sequence[ExampleSet], where: str) -> None:
    """Warn of named classes without an example; raise TrainingError if fewer than two classes have any."""
    present = {name for examples in chosen for name in examples.classifications}
    missing = find_missing(classes, present)
    if missing and len(classes) - len(missing) < 2:
        names = ", ".join(map(repr, missing))
        raise TrainingError(
            where,
            f"no selected example belongs to {names}, and training needs two classes"
            if present
            else f"no selected example belongs to one of the {len(classes)} classes named",
            "class names as in the examples; upper and lower case differ",
            "see them with `pipeline examples stats`",
        )
    if missing:
        logger.warning("named classes have no example", classes=missing)


def _drop_seen(examples: ExampleSet, seen: set[str]) -> tuple[ExampleSet, int]:
    """Return the examples whose texts are not in `seen`, each text once, and add their texts to it.

    Returns:
        The examples, and how many of the others have the time and text of one of them but another class; a random draw
        decided which class stays.
    """
    names, moments = examples.classifications, examples.occurred_at
    kept: dict[str, int] = {}
    contradicted = 0
    for row, text in enumerate(examples.texts):
        if text in seen:
            continue
        first = kept.setdefault(text, row)
        contradicted += names[first] != names[row] and moments[first] == moments[row]
    seen.update(kept)
    return examples.take([*kept.values()]), contradicted


def _find_small_classes(sets: Sequence[ExampleSet], fewest: int) -> frozenset[str]:
    """Return the classes with fewer than `fewest` examples in the first set."""
    if fewest == 1:
        return frozenset()
    counts = Counter(sets[0].classifications)
    return frozenset(name for examples in sets for name in examples.classifications if counts[name] < fewest)


def _require_large_class(examples: ExampleSet, fewest: int, where: str) -> None:
    """Raise TrainingError if every class is too small; an empty set has an error of its own."""
    largest = max(Counter(examples.classifications).values(), default=fewest)
    if largest < fewest:
        raise TrainingError(
            where,
            f"no class has {fewest:,} of the {len(examples):,} examples (min_examples_per_class)",
            f"at most {largest:,}, as many as the largest class has",
            "see them with `pipeline examples stats`",
        )


def _drop_classes(examples: ExampleSet, classes: Collection[str]) -> ExampleSet:
    if not classes:
        return examples
    return examples.take([row for row, name in enumerate(examples.classifications) if name not in classes])
