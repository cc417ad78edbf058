"""What a service serves, as its settings write it."""

import pytest

from pipeline.errors import PipelineError
from pipeline.service.references import read_references


def test_references_keep_their_order() -> None:
    assert read_references(" label@3,@champion ,other-label ") == ["label@3", "@champion", "other-label"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names nothing to serve"),
        (" , ", "names nothing to serve"),
        ("@", "'@' is no reference"),
        ("@champion@3", "'@champion@3' is no reference"),
        ("two words", "'two words' is no reference"),
        ("label, label", "'label' appears twice"),
    ],
)
def test_others_are_refused(text: str, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        read_references(text)
