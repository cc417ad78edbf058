"""Turns counts of terms into weights, for every adapter that counts terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from pipeline.components.features import Features, make_csr, make_sparse
from pipeline.lazy import NDArray, np
from pipeline.serialisation.containers import Array

Norm = Literal["l2", "l1"] | None
NORM = "What each row is divided by: its length (l2), or the sum of its numbers (l1); null: nothing."
SUBLINEAR_TF = "Whether a term that occurs n times in a text counts 1 + ln(n) and not n."

IDF = Array("float64", ("words",), 1.0, 50.0)
"""The inverse document frequencies in a document; 50 is more than 1 + ln(n) for any possible number of texts n."""

_BATCH = 1_024  # texts; larger batches take more memory and are no faster


def find_idf(holding: Iterable[int], texts: int) -> NDArray[np.float64]:
    """Return 1 + ln((1 + texts) / (1 + texts with the term)), scikit-learn's smoothed form, for each term."""
    idf: NDArray[np.float64] = np.log((texts + 1) / (np.array([*holding], dtype=np.float64) + 1)) + 1
    return idf


def count(columns: Sequence[int] | NDArray[np.int32], ends: Sequence[int], width: int) -> Any:
    """Return how often each column occurs in each row: sparse, float64, columns in order and each once.

    Args:
        columns: the columns of all rows, with repetitions.
        ends: where the first row begins in them, then where each row ends.
        width: how many columns there are.
    """
    numbers = np.array(columns, dtype=np.int32)
    counts = make_csr(np.ones(len(numbers)), numbers, np.array(ends, dtype=np.int32), width)
    counts.sum_duplicates()
    return counts


def weigh(counts: Any, idf: NDArray[np.float64] | None, *, sublinear_tf: bool, norm: str | None) -> Any:
    """Return counts as sparse features, weighted as scikit-learn's `TfidfTransformer` does, bit by bit.

    Args:
        counts: what `count` returned; it is changed.
        idf: what each column is multiplied by, shape (width,); None: by 1.
        sublinear_tf: whether a count n becomes 1 + ln(n).
        norm: what each row is divided by, see `NORM`; None: nothing.
    """
    # what scikit-learn's `normalize` calls after its checks, which take longer than all the rest
    from sklearn.utils.sparsefuncs_fast import inplace_csr_row_normalize_l1, inplace_csr_row_normalize_l2

    if sublinear_tf:
        counts.data = np.log(counts.data) + 1
    if idf is not None:
        counts.data *= idf[counts.indices]
    if norm is not None:
        (inplace_csr_row_normalize_l1 if norm == "l1" else inplace_csr_row_normalize_l2)(counts)
    counts.data = counts.data.astype(np.float32)
    return counts


def make_rows(texts: Sequence[str], make_batch: Callable[[Sequence[str]], Features], width: int) -> Features:
    """Return sparse features of any number of texts, which `make_batch` makes for a batch at a time."""
    from scipy.sparse import csr_array, vstack

    if not texts:
        return make_sparse(csr_array((0, width)))
    batches = [make_batch(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
    return batches[0] if len(batches) == 1 else make_sparse(vstack(batches, format="csr"))
