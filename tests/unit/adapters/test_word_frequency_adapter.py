"""`WordFrequencyAdapter`: ranks, ties, and its document."""

from typing import Any

import pytest

from pipeline.adapters.word_frequency_adapter import WordFrequencyAdapter
from pipeline.errors import DocumentError

TEXTS = ["b b b a", "c a d"]


def test_ranks_go_by_frequency_then_alphabet() -> None:
    assert WordFrequencyAdapter(4, 10).fit(TEXTS).index == {"b": 1, "a": 2, "c": 3, "d": 4}


def test_the_vocabulary_keeps_the_most_frequent_words() -> None:
    adapter = WordFrequencyAdapter(sequence_length=4, vocabulary_size=2).fit(TEXTS)

    assert adapter.index == {"b": 1, "a": 2}
    assert adapter.transform(["d a c b"]).tolist() == [[2, 1, 0, 0]]


def make_document(index: Any) -> dict[str, Any]:
    options = {"sequence_length": 4, "vocabulary_size": 2}
    return {"version": 1, "libraries": {}, "tokeniser": 2, "options": options, "learnt": {"index": index}}


def test_the_document_holds_the_options_and_the_index() -> None:
    document = WordFrequencyAdapter(4, 2).fit(TEXTS).to_dict()

    assert document.pop("libraries").keys() == {"numpy"}
    assert document | {"libraries": {}} == make_document({"b": 1, "a": 2})


@pytest.mark.parametrize(
    "index",
    [{}, {"a": 1, "b": 1}, {"a": 2}, {"a": 0}, {"a": 1, "b": 2, "c": 3}, {"a": True}, {"a": 1.0}, ["a"]],
    ids=str,
)
def test_an_index_that_is_no_ranking_is_refused(index: Any) -> None:
    with pytest.raises(DocumentError, match=r"adapter\.learnt\.index"):
        WordFrequencyAdapter.from_dict(make_document(index))


def test_a_refusal_repeats_no_word_of_the_index() -> None:
    with pytest.raises(DocumentError) as caught:
        WordFrequencyAdapter.from_dict(make_document({"secret": "hidden"}))

    assert "secret" not in str(caught.value)
    assert "hidden" not in str(caught.value)
