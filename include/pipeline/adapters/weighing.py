"""Turns counts of terms into weights, for every adapter that counts terms."""

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
"""The inverse document frequencies in a document; 50 is more than 1 + ln(n) for any possible number of texts n."""

_BATCH = 1_024  # texts; larger batches take more memory and are no faster


def find_idf(holding: Iterable[int], texts: int) -> NDArray[np.float64]:
    """Return 1 + ln((1 + texts) / (1 + texts with the term)), scikit-learn's smoothed form, for each term."""
    idf: NDArray[np.float64] = np.log((texts + 1) / (np.array([*holding], dtype=np.float64) + 1)) + 1
    return idf


def weigh(counts: Any, idf: NDArray[np.float64] | None, *, sublinear_tf: bool, norm: str | None) -> Any:
    """Return counts weighted as scikit-learn's `TfidfTransformer` does, bit by bit.

    Args:
        counts: sparse, float64, shape (n, width); it is changed.
        idf: what each column is multiplied by, shape (width,); None: by 1.
        sublinear_tf: whether a count n becomes 1 + ln(n).
        norm: what each row is scaled by, as `normalize` takes it; None: nothing.
    """
    from sklearn.preprocessing import normalize

    counts.sum_duplicates()
    if sublinear_tf:
        counts.data = np.log(counts.data) + 1
    if idf is not None:
        counts.data *= idf[counts.indices]
    return counts if norm is None else normalize(counts, norm=norm, copy=False)


def make_rows(texts: Sequence[str], make_batch: Callable[[Sequence[str]], Any], width: int) -> Features:
    """Return sparse features of any number of texts, which `make_batch` makes for a batch at a time."""
    from scipy.sparse import csr_array, vstack

    if not texts:
        return make_sparse(csr_array((0, width)))
    batches = [make_sparse(make_batch(texts[start : start + _BATCH])) for start in range(0, len(texts), _BATCH)]
    return batches[0] if len(batches) == 1 else make_sparse(vstack(batches, format="csr"))
