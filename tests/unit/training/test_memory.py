"""How much memory an object takes with all that it refers to."""

import sys
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from corpus import make_examples
from pipeline.adapters.hashing_adapter import HashingAdapter
from pipeline.models.scikit_model_k_nearest_neighbours import ScikitModelKNearestNeighbours
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.memory import count_bytes
from pipeline.training.train import fit

MILLION = 1_000_000


class Holder:
    """Refers to something."""

    def __init__(self, held: Any) -> None:
        self.held = held


def make_cycle() -> Holder:
    first = Holder(np.zeros(MILLION, np.uint8))
    first.held = [Holder(first), first.held]
    return first


@pytest.mark.parametrize(
    ("held", "least"),
    [
        (np.zeros(MILLION), 8 * MILLION),
        (np.zeros((10, MILLION))[2:4], 80 * MILLION),  # a view keeps all of it
        (np.frombuffer(bytes(MILLION), np.float32), MILLION),
        (csr_matrix(np.ones((1_000, 1_000))), 12 * MILLION),
        ({"deep": [({"deeper": np.zeros(MILLION)},)]}, 8 * MILLION),
        (np.array(["a" * 1_000 + str(number) for number in range(1_000)], dtype=object), MILLION),
        ({f"word {number}": number for number in range(100_000)}, 6 * MILLION),
        (make_cycle(), MILLION),
    ],
    ids=["array", "view", "buffer", "sparse", "nested", "objects", "words", "cycle"],
)
def test_all_that_an_object_refers_to_counts(held: Any, least: int) -> None:
    assert least <= count_bytes(Holder(held)) < 1.5 * least + 10_000


def test_what_is_referred_to_twice_counts_once() -> None:
    array = np.zeros(MILLION)

    assert count_bytes([array, array, array[::2], Holder(array)]) < 9 * MILLION


def test_code_does_not_count() -> None:
    assert count_bytes([np, Holder, make_cycle, len, Holder(1)]) < 2_000 + sys.getsizeof({})


def test_a_loaded_model_counts_what_it_has_learnt_and_not_its_document() -> None:
    examples = make_examples(200)
    trained = fit(HashingAdapter(n_features=4_096), ScikitModelKNearestNeighbours(n_neighbors=1), examples)
    sizes = [count_bytes(AdaptedModel.from_document(trained.to_document(encoding))) for encoding in ("json", "binary")]

    rows = trained.adapter.transform(examples.texts)
    assert min(sizes) > rows.data.nbytes  # the neighbours are all rows
    assert max(sizes) < 1.5 * min(sizes)
