"""Sparse features, made of parts that fit together."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array, hstack

from pipeline.components.features import is_sparse, make_csr, make_sparse, stack

ROWS = np.array([[0, 2.5, 0, 1], [0, 0, 0, 0], [3, 0, 0, 0]])


@pytest.mark.parametrize("rows", [0, 1, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_matrix_of_parts_is_the_one_that_scipy_makes_of_them(rows: int, dtype: str) -> None:
    whole = csr_array(ROWS[:rows].astype(dtype))
    ends = whole.indptr.astype(np.int32)

    made = make_csr(whole.data, whole.indices.astype(np.int32), ends, 4)

    made.check_format(full_check=True)
    assert made.shape == (rows, 4)
    assert made.dtype == dtype
    assert made.nnz == whole.nnz
    assert made.indices.dtype == made.indptr.dtype == np.int32
    assert np.array_equal(made.toarray(), whole.toarray())
    assert np.array_equal(made @ np.arange(4), whole @ np.arange(4))
    assert np.array_equal(made[:2].toarray(), whole[:2].toarray())


def test_columns_out_of_order_and_doubled_can_be_added_up() -> None:
    columns = np.array([3, 0, 3, 1], dtype=np.int32)

    made = make_csr(np.ones(4), columns, np.array([0, 3, 4], dtype=np.int32), 4)
    made.sum_duplicates()

    assert made.toarray().tolist() == [[1, 0, 0, 2], [0, 1, 0, 0]]
    assert made.indices.tolist() == [0, 3, 1]


@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(0, 6),
    parts=st.lists(st.tuples(st.integers(1, 9), st.sampled_from([make_sparse, np.float32])), min_size=1, max_size=4),
)
def test_rows_side_by_side_are_those_that_scipy_lines_up(seed: int, rows: int, parts: list[tuple[int, Any]]) -> None:
    draw = np.random.default_rng(seed)
    dense = [np.where(draw.random((rows, width)) < 0.5, draw.normal(size=(rows, width)), 0) for width, _ in parts]
    features = [kind(part.astype(np.float32)) for part, (_, kind) in zip(dense, parts, strict=True)]

    found: Any = stack(features)

    if not any(map(is_sparse, features)):
        assert np.array_equal(found, np.hstack(features))
        return
    expected = hstack([csr_array(part) for part in features], format="csr", dtype=np.float32)
    found.check_format(full_check=True)
    assert found.has_canonical_format
    assert found.shape == expected.shape
    for name in ("data", "indices", "indptr"):
        assert np.array_equal(getattr(found, name), getattr(expected, name))
        assert getattr(found, name).dtype == getattr(expected, name).dtype
