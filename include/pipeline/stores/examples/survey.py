"""Counts and digests of examples, computed without a key because no row is decrypted."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from pipeline.examples.digest import digest_selections
from pipeline.examples.example import Selection
from pipeline.stores.database import Database
from pipeline.stores.examples.queries import queries


class Selects(Protocol):
    """A dataset, or whatever else fetches selections."""

    @property
    def selections(self) -> tuple[Selection, ...]:
        """Everything that it fetches."""
        ...


class ExamplesSurvey:
    """Counts and digests of examples. Threads may share it: each method opens a connection of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def count(self, selections: Sequence[Selection]) -> list[int]:
        """Return the number of examples of each selection."""
        with self.database.connection() as connection:
            return [count for (count,) in connection.execute(queries.count_selections, _columns(selections))]

    def digest(self, datasets: Iterable[Selects]) -> list[str]:
        """Return the digest of the examples that each dataset selects now, as in a model's lineage."""
        selections = [dataset.selections for dataset in datasets]
        # datasets that only split differently select the same
        distinct = list(dict.fromkeys(selection for several in selections for selection in several))
        with self.database.connection() as connection:
            found = [digest for (digest,) in connection.execute(queries.digest_selections, _columns(distinct))]
        digests = dict(zip(distinct, found, strict=True))
        return [digest_selections(digests[selection] for selection in several) for several in selections]

    def spans(self) -> dict[str, tuple[datetime, datetime]]:
        """Return when the first and the last example of each collection occurred (UTC)."""
        with self.database.connection() as connection:
            rows = connection.execute(queries.find_spans).fetchall()
        return {name: (first.astimezone(UTC), last.astimezone(UTC)) for name, first, last in rows}

    def key_ids(self) -> dict[str, int]:
        """Return the number of examples by key id."""
        with self.database.connection() as connection:
            counts: dict[str, int] = {}
            for _, key_id, count in connection.execute(queries.count_by_key):
                counts[key_id] = counts.get(key_id, 0) + count
            return counts

    def fingerprint(self) -> bytes | None:
        """Return the fingerprint of the key ring that loaded the examples; None before the first load."""
        with self.database.connection() as connection:
            row = connection.execute(queries.read_keyring).fetchone()
        return bytes(row[0]) if row else None


def _columns(selections: Sequence[Selection]) -> dict[str, list[Any]]:
    return {
        "collections": [selection.collection for selection in selections],
        "starts": [selection.start for selection in selections],
        "ends": [selection.end for selection in selections],
    }
