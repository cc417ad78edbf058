"""What a definition needs before its model is fitted: examples, a trained adapter, and what that makes of them.

All of it is the same for every definition of the same dataset, of the same adapter, so it is prepared once.
"""

import sys
from functools import cached_property, partial
from platform import machine, python_version
from typing import Any

from pipeline.adapters.base import Adapter
from pipeline.adapters.tokenise import tokenise
from pipeline.cache.once import Once, Packing
from pipeline.components import Component
from pipeline.components.features import stack
from pipeline.errors import ExamplesChangedError, TrainingError
from pipeline.examples.corpus import Corpus, Tokens
from pipeline.examples.digest import DigestingSource
from pipeline.plans.definition import Definition
from pipeline.runs.connections import Connections
from pipeline.serialisation.fitted import find_version
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.examples.survey import ExamplesSurvey
from pipeline.training import packings
from pipeline.training.lineage import describe_examples, digest_source, read_code_version
from pipeline.training.packings import AdaptedExamples, Examples


class Preparing:
    """The steps of a training up to its model, each done once among all trainings that share a store."""

    def __init__(
        self, recipe: Definition, seed: int, connections: Connections, once: Once, examples_digest: str | None = None
    ) -> None:
        self._recipe = recipe
        self._seed = seed
        self._connections = connections
        self._once = once
        self._wanted_digest = examples_digest

    @cached_property
    def examples(self) -> Examples:
        """The classes of the training set and of the testing set, and what lineage tells of both; no text.

        Raises:
            ExamplesChangedError: the database holds others than the run began with, and nobody has kept those.
            TrainingError: the dataset holds too little to train and to test on.
            KeyRingError: an example cannot be opened.
        """
        return self._once.get("examples", lambda: self._examples_key, self._fetch_wanted, packings.EXAMPLES)

    def fit_adapter(self) -> Adapter:
        """Return the definition's adapter, trained on the training set.

        Raises:
            TrainingError: nothing can be learnt from it.
        """
        return self._fit(self._recipe.adapter)

    def adapt(self) -> AdaptedExamples:
        """Return what the definition's adapter, once it is trained, makes of both sets."""
        return self._adapt(self._recipe.adapter)

    def _fit(self, adapter: Adapter) -> Adapter:
        if adapter.parts:
            for part in adapter.parts:
                self._fit(part)
            return adapter
        tell_key = partial(self._adapter_key, adapter, adapter.training_text)
        packing = Packing(lambda fitted: fitted.get_shared(), partial(_set_shared, adapter))
        return self._once.get("trained adapter", tell_key, lambda: adapter.fit(self._training, self._seed), packing)

    def _adapt(self, adapter: Adapter) -> AdaptedExamples:
        if adapter.parts:
            parts = [self._adapt(part) for part in adapter.parts]
            return AdaptedExamples(stack([each.training for each in parts]), stack([each.testing for each in parts]))
        tell_key = partial(self._adapter_key, adapter, adapter.effective)
        return self._once.get("adapted examples", tell_key, lambda: self._transform(adapter), packings.ADAPTED_EXAMPLES)

    def _transform(self, adapter: Adapter) -> AdaptedExamples:
        return AdaptedExamples(adapter.transform(self._training), adapter.transform(self._testing))

    @property
    def _training(self) -> Corpus:
        return self._corpus[: len(self.examples.training)]

    @property
    def _testing(self) -> Corpus:
        return self._corpus[len(self.examples.training) :]

    @cached_property
    def _corpus(self) -> Corpus:
        """The texts of both sets, the training set's first, and their words, each only if they are asked for."""
        count = len(self.examples.training) + len(self.examples.testing)
        return Corpus(count, self.examples.list_texts, self._list_tokens)

    def _list_tokens(self) -> Tokens:
        return self._once.get("words", lambda: self._examples_key, self._tokenise, packings.TOKENS)

    def _tokenise(self) -> Tokens:
        return Tokens.pack(map(tokenise, self._corpus.texts))

    def _fetch_wanted(self) -> Examples:
        if self._wanted_digest is None and not self._once.shares:
            return self._fetch()  # nobody has asked for a digest, and whatever there is will do
        wanted = self._examples_key["digest"]
        try:
            examples = self._fetch()
        except TrainingError as error:  # too few now, perhaps because they are others
            (digest,) = ExamplesSurvey(self._connections.examples_db).digest([self._recipe.dataset])
            if digest != wanted:
                raise ExamplesChangedError(self._recipe.dataset.name) from error
            raise
        if examples.account["digest"] != wanted:
            raise ExamplesChangedError(self._recipe.dataset.name)
        return examples

    def _fetch(self) -> Examples:
        source = DigestingSource(ExamplesStore(self._connections.examples_db, self._connections.keyring))
        dataset = self._recipe.dataset
        split = dataset.split(source)
        training, testing = split.training, split.testing
        return Examples(
            training=training.classifications,
            testing=testing.classifications,
            testing_digests=testing.digests,
            account=describe_examples(split, source.digest(dataset.selections)),
            list_texts=lambda: [*training.texts, *testing.texts],
        )

    @cached_property
    def _examples_key(self) -> dict[str, Any]:
        dataset, digest = self._recipe.dataset, self._wanted_digest
        if digest is None:
            (digest,) = ExamplesSurvey(self._connections.examples_db).digest([dataset])
        return {"dataset": dataset.effective, "digest": digest, "made by": _list_versions(dataset)}

    def _adapter_key(self, adapter: Adapter, options: str) -> dict[str, Any]:
        made_by = _list_versions(adapter, *adapter.libraries)
        return {"examples": self._examples_key, "adapter": options, "seed": self._seed, "made by": made_by}


def _set_shared(adapter: Adapter, shared: Any) -> Adapter:
    adapter.set_learnt(shared)
    return adapter


def _list_versions(component: Component, *libraries: str) -> dict[str, str]:
    """Return the versions of all code that takes part, for another version may give something else."""
    module = type(component).__module__
    package = module.partition(".")[0]
    # a class of somebody else's is under another version only when it is installed anew, but changes when it is edited
    own = digest_source(package if getattr(sys.modules[package], "__file__", None) else module)
    others = {name: find_version(name) for name in libraries}
    return {"code": read_code_version(), "class": own, "python": python_version(), "cpu": machine(), **others}
