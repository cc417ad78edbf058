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


@pytest.mark.parametrize("number", [0, -1, 1, FORMAT + 1, 2.0, "2", None, True])
def test_a_format_that_is_not_known_is_refused(number: object) -> None:
    document = read_document(EVERY[-1].read_bytes()) | {"format": number}

    with pytest.raises(DocumentError, match="format: found"):
        AdaptedModel.from_dict(document)
