"""Sparse rows in a document: the numbers other than 0 and their positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.components.features import Features
from pipeline.lazy import np
from pipeline.serialisation.containers import Array, Record, join
from pipeline.serialisation.schema import Schema, Sizes, match_size, refuse

_RECORD = Record(
    {
        "data": Array("float32", ("numbers",)),
        "indices": Array("int32", ("numbers",), minimum=0),
        "indptr": Array("int64", ("bounds",), minimum=0),
    }
)


@dataclass(frozen=True)
class Rows(Schema):
    """Rows of float32 numbers, dense as an array or sparse as an object.

    `rows` and `columns` are the names of the two sizes; that of the columns is set earlier in the document.
    """

    rows: str
    columns: str

    def check(self, value: Any, path: str, sizes: Sizes) -> None:
        if not isinstance(value, dict):
            Array("float32", (self.rows, self.columns)).check(value, path, sizes)
            return
        _RECORD.check(value, path, {})
        indices, indptr = value["indices"], value["indptr"]
        match_size(self.rows, len(indptr) - 1, path, sizes)
        columns = sizes[self.columns]
        if len(indptr) < 2 or indptr[0] != 0 or indptr[-1] != len(indices) or np.any(np.diff(indptr) < 0):
            refuse(join(path, "indptr"), "bounds that are no rows", f"bounds that rise from 0 to {len(indices)}")
        if len(indices) and indices.max() >= columns:
            refuse(join(path, "indices"), f"column {indices.max()}", f"columns from 0 to {columns - 1}")
        rises = np.diff(indices) > 0
        starts = indptr[1:-1]
        starts = starts[(starts > 0) & (starts < len(indices))]
        rises[starts - 1] = True  # the first column of a row may be any
        if not rises.all():
            refuse(join(path, "indices"), "columns out of order", "each row's columns in order and once")


def pack_rows(features: Features) -> Any:
    """Return rows in the form that documents have; numbers are copied only if their type differs."""
    if isinstance(features, np.ndarray):
        return np.ascontiguousarray(features, dtype=np.float32)
    return {
        "data": features.data.astype(np.float32),
        "indices": features.indices.astype(np.int32),
        "indptr": features.indptr.astype(np.int64),
    }


def unpack_rows(packed: Any, columns: int, dtype: type[np.floating[Any]]) -> Any:
    """Return rows of an audited document, dense or sparse, as a copy with numbers of a type."""
    if isinstance(packed, np.ndarray):
        return np.array(packed, dtype=dtype, order="C")
    from scipy.sparse import csr_array

    parts = (packed["data"].astype(dtype), packed["indices"].astype(np.int32), packed["indptr"].astype(np.int32))
    return csr_array(parts, shape=(len(parts[2]) - 1, columns))
