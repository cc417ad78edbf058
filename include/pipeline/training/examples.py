"""Fetch the examples of a dataset, from the cache or the examples database."""

from dataclasses import replace

from pipeline.cache.cache import Cache
from pipeline.datasets.base import Dataset
from pipeline.errors import ExamplesChangedError, TrainingError
from pipeline.examples.corpus import Corpus
from pipeline.examples.digest import DigestingSource
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.training.kinds import EXAMPLES, TOKENS, TrainingData, make_corpus
from pipeline.training.lineage import describe_examples, list_versions


def fetch(dataset: Dataset, store: ExamplesStore, cache: Cache, digest: str | None = None) -> TrainingData:
    """Return the examples that a dataset selects and splits.

    Args:
        dataset: selects and splits them.
        store: the examples database.
        cache: is asked first; what it lacks is added to it.
        digest: the digest of the wanted examples; None for those that the database contains now.

    Raises:
        ExamplesChangedError: neither the cache nor the database holds the wanted examples.
        TrainingError: there are too few examples to train and to test on.
        KeyRingError: an example cannot be decrypted.
    """
    key = None
    if cache.shares:
        digest = digest or _digest(dataset, store)
        key = {"dataset": dataset.effective, "digest": digest, "made by": list_versions(dataset)}
    found = cache.get(EXAMPLES, key, lambda: _fetch(dataset, store, digest))
    texts = found.texts
    shared = Corpus(len(texts), lambda: texts.texts, lambda: cache.get(TOKENS, key, lambda: texts.tokens), key)
    return replace(found, texts=shared)


def _digest(dataset: Dataset, store: ExamplesStore) -> str:
    (digest,) = ExamplesSurvey(store.database).digest([dataset])
    return digest


def _fetch(dataset: Dataset, store: ExamplesStore, wanted: str | None) -> TrainingData:
    source = DigestingSource(store)
    try:
        split = dataset.split(source)
    except TrainingError as error:  # perhaps because the examples have changed
        if wanted is not None and _digest(dataset, store) != wanted:
            raise ExamplesChangedError(dataset.name) from error
        raise
    digest = source.digest(dataset.selections)
    if wanted is not None and digest != wanted:
        raise ExamplesChangedError(dataset.name)
    sets = [each for each in (split.training, split.validation, split.testing) if each is not None]
    texts = [each.texts for each in sets]
    counts = (len(split.training), 0 if split.validation is None else len(split.validation), len(split.testing))
    return TrainingData(
        classes=[name for each in sets for name in each.classifications],
        digests=[digest for each in sets for digest in each.digests],
        texts=make_corpus(sum(counts), lambda: [text for each in texts for text in each]),
        counts=counts,
        folds=split.folds,
        account=describe_examples(split, digest),
    )
