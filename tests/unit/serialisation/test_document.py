"""Documents in two parts: they are joined only where they belong together."""

from typing import Any

import numpy as np
import pytest

from pipeline.errors import DocumentError
from pipeline.serialisation.document import ENCODINGS, SplitDocument, join_document, split_document, write_document

TREE = {"adapter": {"words": ["a"]}, "model": {"coef": np.ones(3)}}

every_encoding = pytest.mark.parametrize("encoding", ENCODINGS)


@every_encoding
def test_what_was_split_is_joined_again(encoding: str) -> None:
    joined = join_document(split_document(TREE, encoding))

    assert joined["adapter"] == TREE["adapter"]
    assert joined["model"]["coef"].tolist() == [1, 1, 1]


@every_encoding
@pytest.mark.parametrize("named", [None, {}, "x", {"sha256": "0" * 64}, {"sha256": np.ones(3)}, np.ones(3)], ids=repr)
def test_an_adapter_that_is_not_the_one_named_is_refused(encoding: str, named: Any) -> None:
    split = split_document(TREE, encoding)
    rest = write_document({"adapter": named, "model": {}}, encoding)

    with pytest.raises(DocumentError, match="adapter"):
        join_document(SplitDocument(encoding, split.adapter, rest))
