"""Counts of terms to weights, for every adapter that counts terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from pipeline.components.features import Features, make_sparse
from pipeline.lazy import NDArray, np
from pipeline.serialisation.containers import Array

Norm = Literal["l2", "l1"] | None
NORM = "What each row is divided by: its length (l2), or the sum of its numbers (l1); null: nothing."
SUBLINEAR_TF = "Whether a term that occurs n times in a text counts 1 + ln(n) and not n."

IDF = Array("float64", ("words",), 1.0, 50.0)
"""The inverse document frequencies in a document; 1 + ln(n) is less for more texts than any database holds."""

_BATCH = 1_024  # texts; more at once take more memory and no less time


def find_idf(holding: Iterable[int], texts: int) -> NDArray[np.float64]:
    """Return 1 + ln((1 + texts) / (1 + texts that hold it)), scikit-learn's smoothed form, for each term."""
    idf: NDArray[np.float64] = np.log((texts + 1) / (np.array([*holding], dtype=np.float64) + 1)) + 1
    return idf


def weigh(counts: Any, idf: NDArray[np.float64] | None, *, sublinear_tf: bool, norm: str | None) -> Any:
    """Return sparse float64 counts, which are used up, as scikit-learn's `TfidfTransformer` weighs them.

    Args:
        idf: what each column is multiplied with, if with anything.
    """
    from sklearn.preprocessing import normalize

    counts.sum_duplicates()
    if sublinear_tf:
        counts.data = np.log(counts.data) + 1
    if idf is not None:
        counts.data *= idf[counts.indices]
    return counts if norm is None else normalize(counts, norm=norm, copy=False)


def make_rows(texts: Sequence[str], make_batch: Callable[[Sequence[str]], Any], width: int) -> Features:
    """Return sparse features of any number of texts, made by `make_batch` for some at a time."""
    from scipy.sparse import csr_array, vstack

    if not texts:
        return make_sparse(csr_array((0, width)))
    batches = [make_sparse(make_batch(texts[start : start + _BATCH])) for start in range(0, len(texts), _BATCH)]
    return batches[0] if len(batches) == 1 else make_sparse(vstack(batches, format="csr"))
