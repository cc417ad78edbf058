"""What holds for every registered adapter, in every way to set it up."""

from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus import NO_WORDS, UNKNOWN_TEXTS, make_examples, vary_options
from pipeline.adapters import adapters
from pipeline.adapters.base import Adapter
from pipeline.components.features import Features, has_negative, is_sparse
from pipeline.errors import DocumentError, TrainingError
from pipeline.serialisation.json_document import read_json, write_json

SETUPS = [(adapter, options) for adapter in adapters.classes.values() for options in vary_options(adapter)]
EXAMPLES = make_examples()

NEVER_NEGATIVE = [(adapter, options) for adapter, options in SETUPS if not adapter(**options).gives_negative]


def parametrise(setups: list[tuple[type[Adapter], dict[str, Any]]]) -> pytest.MarkDecorator:
    ids = [f"{adapter.short_name}-{options}" for adapter, options in setups]
    return pytest.mark.parametrize(("adapter", "options"), setups, ids=ids)


def dense(features: Features) -> NDArray[np.float32]:
    return features if isinstance(features, np.ndarray) else features.toarray()


every_setup = parametrise(SETUPS)


@every_setup
def test_features_are_one_float32_row_a_text(adapter: type[Adapter], options: dict[str, Any]) -> None:
    fitted = adapter(**options).fit(EXAMPLES.texts)

    features = fitted.transform(EXAMPLES.texts[:7])

    assert features.shape == (7, fitted.width)
    assert features.dtype == np.float32
    assert is_sparse(features) == fitted.gives_sparse
    assert np.isfinite(dense(features)).all()
    assert dense(features).any(axis=1).all()


@pytest.mark.parametrize("adapter", adapters.classes.values(), ids=lambda adapter: adapter.name)
def test_each_class_states_whether_it_gives_negative_numbers(adapter: type[Adapter]) -> None:
    assert type(vars(adapter).get("gives_negative")) is bool


@parametrise(NEVER_NEGATIVE)
def test_a_class_that_says_so_gives_no_negative_number(adapter: type[Adapter], options: dict[str, Any]) -> None:
    features = adapter(**options).fit(EXAMPLES.texts).transform([*EXAMPLES.texts, *UNKNOWN_TEXTS])

    assert not has_negative(features)


@every_setup
def test_a_width_known_before_fitting_is_the_width_after_it(adapter: type[Adapter], options: dict[str, Any]) -> None:
    made = adapter(**options)
    width = None
    with suppress(TrainingError):  # it is learnt
        width = made.width

    assert made.fit(EXAMPLES.texts).width == (width or made.width)


@every_setup
def test_texts_without_a_known_word_are_zeros(adapter: type[Adapter], options: dict[str, Any]) -> None:
    fitted = adapter(**options).fit(EXAMPLES.texts)

    unknown = NO_WORDS if fitted.knows_any else UNKNOWN_TEXTS

    assert not dense(fitted.transform(unknown)).any()


@every_setup
def test_terms_are_what_texts_must_hold(adapter: type[Adapter], options: dict[str, Any]) -> None:
    fitted = adapter(**options).fit(EXAMPLES.texts)

    assert fitted.terms or fitted.knows_any
    assert len(set(fitted.terms)) == len(fitted.terms)
    # one may be of characters that a text of nothing else does not hold, such as a space at its end
    known = [bool(dense(fitted.transform([term])).any()) for term in fitted.terms[:20]]
    assert sum(known) >= 0.8 * len(known)


@every_setup
def test_no_texts_give_no_rows(adapter: type[Adapter], options: dict[str, Any]) -> None:
    fitted = adapter(**options).fit(EXAMPLES.texts)

    assert fitted.transform([]).shape == (0, fitted.width)


@every_setup
def test_a_row_depends_on_its_own_text_only(adapter: type[Adapter], options: dict[str, Any]) -> None:
    fitted = adapter(**options).fit(EXAMPLES.texts)

    alone = np.vstack([dense(fitted.transform([text])) for text in EXAMPLES.texts])

    assert np.array_equal(alone, dense(fitted.transform(EXAMPLES.texts)))


@every_setup
def test_two_fits_with_one_seed_give_one_document(adapter: type[Adapter], options: dict[str, Any]) -> None:
    documents = {write_json(adapter(**options).fit(EXAMPLES.texts, seed=3).to_dict()) for _ in range(2)}

    assert len(documents) == 1


@every_setup
def test_fitting_again_forgets_what_was_learnt(adapter: type[Adapter], options: dict[str, Any]) -> None:
    again = adapter(**options).fit(["eight or more words that are all other words"] * 2).fit(EXAMPLES.texts)

    assert write_json(again.to_dict()) == write_json(adapter(**options).fit(EXAMPLES.texts).to_dict())


@every_setup
def test_a_document_read_back_transforms_the_same(adapter: type[Adapter], options: dict[str, Any]) -> None:
    fitted = adapter(**options).fit(EXAMPLES.texts)

    loaded = adapter.from_dict(read_json(write_json(fitted.to_dict())))

    assert loaded.width == fitted.width
    assert np.array_equal(dense(loaded.transform(EXAMPLES.texts)), dense(fitted.transform(EXAMPLES.texts)))
    assert write_json(loaded.to_dict()) == write_json(fitted.to_dict())


@every_setup
def test_a_document_lacking_any_part_is_refused(adapter: type[Adapter], options: dict[str, Any]) -> None:
    document = adapter(**options).fit(EXAMPLES.texts).to_dict()

    added = {name for name, option in adapter.options_by_name().items() if option.added}
    for part, names in {"options": {*document["options"]} - added, "learnt": {*document["learnt"]}}.items():
        for name in names:
            without = {key: value for key, value in document[part].items() if key != name}
            with pytest.raises(DocumentError, match=rf"adapter\.{part}\.{name}: found nothing"):
                adapter.from_dict(document | {part: without})
    for name in document:
        with pytest.raises(DocumentError, match=f"adapter.{name}: found nothing"):
            adapter.from_dict({key: value for key, value in document.items() if key != name})


@every_setup
def test_texts_without_words_cannot_be_learnt_from(adapter: type[Adapter], options: dict[str, Any]) -> None:
    with pytest.raises(TrainingError, match="word"):
        adapter(**options).fit(["", "…", " - "])


@every_setup
def test_an_adapter_that_is_not_fitted_refuses_to_work(adapter: type[Adapter], options: dict[str, Any]) -> None:
    with pytest.raises(TrainingError, match="call fit first"):
        adapter(**options).transform(["text"])
    with pytest.raises(TrainingError, match="call fit first"):
        adapter(**options).to_dict()
