"""Classes by name, and what an unknown name is answered with."""

import pytest

from pipeline.adapters import adapters
from pipeline.errors import RegistryError
from pipeline.models import models
from pipeline.registry import suggest


def test_every_class_stands_under_its_name() -> None:
    assert all(component.name == name for name, component in adapters.classes.items())
    assert {"WordFrequencyAdapter", "Word2VecAdapter"} <= set(adapters.classes)


def test_an_unknown_name_lists_what_is_known() -> None:
    with pytest.raises(
        RegistryError, match=r"unknown name 'svm'; known are scikit_model_.* did you mean scikit_model_svm\?"
    ):
        models["svm"]


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("word2vecadapter", "did you mean Word2VecAdapter?"),
        ("Word2VecAdaptor", "did you mean Word2VecAdapter?"),
        ("word2vec", "did you mean Word2VecAdapter?"),
        ("zzz", ""),
        (None, ""),
    ],
)
def test_the_nearest_name_is_suggested_whatever_its_case(name: object, suggestion: str) -> None:
    assert suggest(name, adapters.classes) == suggestion
