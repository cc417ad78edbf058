"""Documents of every format that was ever written are read, and answer as they did."""

import json
from pathlib import Path

import pytest

from pipeline.errors import DocumentError
from pipeline.serialisation.document import read_document
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.formats import FORMAT

DOCUMENTS = Path(__file__).parents[2] / "documents"
EVERY = [
    path
    for path in sorted(DOCUMENTS.glob("format_*/*"))
    if path.suffixes[-1] != ".md" and "answers" not in path.suffixes[0]
]


def test_there_is_a_document_of_every_format() -> None:
    assert {path.parent.name for path in EVERY} == {f"format_{number}" for number in range(1, FORMAT + 1)}


@pytest.mark.parametrize("path", EVERY, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_answers_as_when_it_was_written(path: Path) -> None:
    expected = json.loads(path.with_suffix(".answers.json").read_text())

    adapted = AdaptedModel.from_document(path.read_bytes())

    assert adapted.classify(expected["texts"]) == expected["answers"]
    again = AdaptedModel.from_dict(adapted.to_dict())
    assert again.classify(expected["texts"]) == expected["answers"]


WITH_MARKS = [path.name for path in EVERY if path.parent.name == "format_2" and path.name.startswith("marks-")]


@pytest.mark.parametrize("name", WITH_MARKS)
def test_what_was_trained_with_the_first_tokeniser_answers_with_it_and_what_is_trained_now_does_not(name: str) -> None:
    older, newer = (AdaptedModel.from_document((DOCUMENTS / folder / name).read_bytes())
                    for folder in ("format_2", "format_3"))  # fmt: skip

    assert (older.adapter.tokeniser, newer.adapter.tokeniser) == (1, 2)
    assert {part.tokeniser for part in older.adapter.parts} <= {1}
    assert {*older.adapter.terms} != {*newer.adapter.terms}
    if "logistic" not in name and "union" not in name:  # which are of characters
        assert {"का", "résumé"} & {*older.adapter.terms} == {"résumé"}
        assert {"का", "résumé"} <= {*newer.adapter.terms}
    assert older.to_dict()["adapter"]["tokeniser"] == 1
    assert AdaptedModel.from_dict(older.to_dict()).adapter.tokeniser == 1


@pytest.mark.parametrize("number", [0, 3, 1.0, "1", None])
def test_a_tokeniser_that_is_not_known_is_refused(number: object) -> None:
    document = read_document((DOCUMENTS / "format_3" / "marks-tfidf-multinomial-naive-bayes.json").read_bytes())
    document["adapter"]["tokeniser"] = number

    with pytest.raises(DocumentError, match=r"adapter\.tokeniser: found"):
        AdaptedModel.from_dict(document)


def test_a_union_and_its_parts_have_one_tokeniser() -> None:
    document = read_document((DOCUMENTS / "format_3" / "marks-union-multinomial-naive-bayes.json").read_bytes())
    document["adapter"]["learnt"]["parts"][1]["adapter"]["tokeniser"] = 1

    with pytest.raises(DocumentError, match=r"adapter\.tokeniser: found 2; allowed is 1, as in a part"):
        AdaptedModel.from_dict(document)


def test_a_document_of_before_there_were_tokenisers_names_none() -> None:
    document = read_document((DOCUMENTS / "format_2" / "marks-tfidf-multinomial-naive-bayes.json").read_bytes())

    with pytest.raises(DocumentError, match=r"adapter: found the unknown key 'tokeniser'"):
        AdaptedModel.from_dict(document | {"adapter": document["adapter"] | {"tokeniser": 2}})


@pytest.mark.parametrize("number", [0, -1, 1, FORMAT + 1, 2.0, "2", None, True])
def test_a_format_that_is_not_known_is_refused(number: object) -> None:
    document = read_document(EVERY[-1].read_bytes()) | {"format": number}

    with pytest.raises(DocumentError, match="format: found"):
        AdaptedModel.from_dict(document)
