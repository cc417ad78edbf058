"""Adapted examples: the output of adapters and the input of models."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pipeline.errors import TrainingError
from pipeline.lazy import NDArray, np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Precision = Literal["float32", "float64"]
Features: TypeAlias = "NDArray[np.float32] | csr_array[Any, tuple[int, int]]"
"""One row per text, shape (n, width), float32: a dense array, or a sparse one by rows if most numbers are 0."""

MOST_DENSE_BYTES = 4 * 2**30
"""The most memory that sparse features may take when a model needs them dense."""


def is_sparse(features: Features) -> bool:
    """Return whether only the numbers other than 0 are stored."""
    return not isinstance(features, np.ndarray)


def has_negative(features: Features) -> bool:
    """Return whether any number is below 0."""
    numbers: Any = features.data if is_sparse(features) else features
    return bool(np.any(numbers < 0))


def densify(features: Features, dtype: Precision | type[np.floating[Any]], where: str) -> NDArray[Any]:
    """Return the features as a dense array of a type; copied only if they are not such an array.

    Raises:
        TrainingError: they would take more than `MOST_DENSE_BYTES`.
    """
    if isinstance(features, np.ndarray):
        return np.asarray(features, dtype=dtype)
    rows, width = features.shape
    size_bytes = rows * width * np.dtype(dtype).itemsize
    if size_bytes > MOST_DENSE_BYTES:
        raise TrainingError(
            where,
            f"takes dense features only, and {rows:,} rows of {width:,} numbers would be {size_bytes / 2**30:.1f} GiB",
            f"at most {MOST_DENSE_BYTES / 2**30:g} GiB",
            "choose a smaller max_features or n_features, fewer examples, or a model that takes sparse features",
        )
    dense: NDArray[Any] = features.astype(dtype).toarray()
    return dense


def retype(features: Any, dtype: Precision) -> Any:
    """Return sparse features in a type, with the same positions; the same features if they have it."""
    if features.dtype == dtype:
        return features
    return make_csr(features.data.astype(dtype), features.indices, features.indptr, features.shape[1])


def stack(features: Sequence[Features]) -> Features:
    """Return features of the same texts side by side; sparse if any of them is."""
    if not any(map(is_sparse, features)):
        return np.hstack([np.asarray(each) for each in features])
    parts: list[Any] = [each if is_sparse(each) else _drop_zeros(each) for each in features]
    lengths = [np.diff(part.indptr) for part in parts]
    ends = np.concatenate([[0], np.cumsum(sum(lengths))])
    width = sum(part.shape[1] for part in parts)
    positions = np.int32 if max(ends[-1], width) < 2**31 else np.int64
    numbers, columns = np.empty(ends[-1], dtype=np.float32), np.empty(ends[-1], dtype=positions)
    starts, first = ends[:-1], 0
    for part, length in zip(parts, lengths, strict=True):
        places = np.arange(part.nnz) + np.repeat(starts - part.indptr[:-1], length)
        numbers[places], columns[places] = part.data, part.indices + positions(first)
        starts, first = starts + length, first + part.shape[1]
    return make_csr(numbers, columns, ends.astype(positions), width)


def _drop_zeros(rows: Any) -> Any:
    """Return dense rows as sparse ones."""
    filled = rows != 0
    ends = np.concatenate([[0], np.cumsum(np.count_nonzero(filled, axis=1))])
    return make_csr(rows[filled], np.nonzero(filled)[1], ends, rows.shape[1])


def make_sparse(matrix: Any) -> Features:
    """Return a scipy matrix as sparse features: float32, by rows, columns in order and each once.

    Positions are int32 wherever they fit, because some estimators accept no other type.
    """
    from scipy.sparse import csr_array

    features = csr_array(matrix, dtype=np.float32)
    features.sum_duplicates()
    if max(features.nnz, *features.shape) < 2**31:
        features.indices, features.indptr = (
            part.astype(np.int32, copy=False) for part in (features.indices, features.indptr)
        )
    return features


def make_csr(numbers: NDArray[Any], columns: NDArray[Any], ends: NDArray[Any], width: int) -> Any:
    """Return a `csr_array` of parts that fit together, without the checks that scipy's constructor makes of parts.

    Args:
        numbers: those of all rows, shape (k,).
        columns: the column of each number, shape (k,), int32, or int64 if the positions need it.
        ends: where the first row begins in both, then where each row ends, shape (rows + 1,), of the same type.
        width: of a row.
    """
    rows = copy(_make_blank(len(ends) - 1, width))
    rows.data, rows.indices, rows.indptr = numbers, columns, ends
    return rows


@lru_cache
def _make_blank(rows: int, width: int) -> Any:
    """Return a sparse array without numbers, to be copied and filled: each call of the constructor checks its input."""
    from scipy.sparse import csr_array

    return csr_array((rows, width))
