"""The least time that a sweep can take: `python -m peers.limit WORK OUTCOME`, in the environment of a deployment.

Everything that is not work is omitted, and everything that several definitions share is done once, on one core and with
the product's own classes: fetch the examples, find their words, train each adapter and let it transform, train each
model and let it answer the testing set. The seconds of all that, divided by the number of cores, are the limit.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from threadpoolctl import threadpool_limits

from peers.work import Outcome, Stopwatch, Work
from pipeline.adapters.base import Adapter
from pipeline.adapters.tokenise import tokenise
from pipeline.examples.corpus import Corpus, Tokens
from pipeline.plans.definition import Definition
from pipeline.runs.connections import Connections
from pipeline.stores.examples.store import ExamplesStore
from pipeline.training.scores import share_right

_WARM_UP_TEXTS = 200


class Parts:
    """The time that each kind of work took."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Add the time of the block to a part."""
        started = perf_counter()
        yield
        self.seconds[part] += perf_counter() - started


def train_all(
    work: Work, texts: Sequence[str], classes: Sequence[str], training: int, parts: Parts
) -> dict[str, float]:
    """Return each definition's accuracy; what they share is done once."""
    definitions = {label: Definition.from_dict(each) for label, each in work.definitions.items()}
    with parts.timed("tokenise"):
        tokens = Tokens.pack(map(tokenise, texts))
    corpus = Corpus(len(texts), lambda: texts, lambda: tokens)
    trained: dict[str, Adapter] = {}
    features: dict[str, tuple[Any, Any]] = {}
    accuracies = {}
    for label, definition in definitions.items():
        adapter = definition.adapter
        if adapter.effective not in features:
            with parts.timed("fit_adapter"):
                known = trained.get(adapter.training_text)
                adapter.fit(corpus[:training], work.seed) if known is None else adapter.set_learnt(known.get_shared())
            trained.setdefault(adapter.training_text, adapter)
            with parts.timed("adapt"):
                both = adapter.transform(corpus[:training]), adapter.transform(corpus[training:])
            features[adapter.effective] = both
        rows, asked = features[adapter.effective]
        with parts.timed("fit_model"):
            definition.model.fit(rows, classes[:training], work.seed)
        with parts.timed("test"):
            answers = definition.model.predict(asked)
        accuracies[label] = share_right(classes[training:], answers)
    return accuracies


def measure(work: Work) -> Outcome:
    """Do the work on one core; return its seconds divided by the number of cores."""
    connections, parts = Connections.from_environment(), Parts()
    few = [*range(0, len(work.texts), max(1, len(work.texts) // _WARM_UP_TEXTS))]
    texts, classes = ([column[place] for place in few] for column in (work.texts, work.classifications))
    # modules are imported, and libraries have compiled and cached what they need, as in the product's executor
    train_all(work, texts, classes, len(few) * work.training // len(work.texts), Parts())
    dataset = Definition.from_dict(next(iter(work.definitions.values()))).dataset
    with Stopwatch() as watch:
        with parts.timed("fetch"):
            split = dataset.split(ExamplesStore(connections.examples_db, connections.keyring))
        texts = [*split.training.texts, *split.testing.texts]
        classes = [*split.training.classifications, *split.testing.classifications]
        accuracies = train_all(work, texts, classes, len(split.training), parts)
    seconds = sum(parts.seconds.values())
    return Outcome(seconds / work.cores, watch.core_seconds, accuracies, parts=dict(parts.seconds))


def main() -> None:
    """Do the work in a file and write the outcome to another."""
    path, outcome = map(Path, sys.argv[1:])
    with threadpool_limits(1):
        measure(Work.read(path)).write(outcome)


if __name__ == "__main__":
    main()
