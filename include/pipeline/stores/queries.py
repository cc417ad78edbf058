"""Queries in .sql files: whole statements, each with a name, that a person can paste into psql.

    -- name: count_open_runs
    -- Count the open runs that were created after a moment.
    SELECT count(*) FROM runs WHERE closed_at IS NULL AND created_at >= :'since';

Parameters are psql's variables. `:'since'` is a value: `\\set since 2026-01-01`. `:since`, without quotes, may be NULL:
`\\set since NULL`, or `\\set since '''2026-01-01'''`. psycopg gets `%(since)s` for either.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_COMMENT = re.compile(r"^--.*\n", re.MULTILINE)
_PARAMETER = re.compile(r"(?<![:\w]):('?)([a-z]\w*)\1")  # neither a cast nor an array's slice


class Queries:
    """The queries of one .sql file, each an attribute by its name: `queries.count_open_runs`.

    Never changes, so threads may share it.

    Args:
        path: the file; it is read once, here.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        _, *parts = _NAME.split(path.read_text(encoding="utf-8"))
        self._queries = {name: _translate(text) for name, text in zip(parts[::2], parts[1::2], strict=True)}

    def __getattr__(self, name: str) -> LiteralString:
        """Return a query as psycopg takes it.

        Raises:
            AttributeError: the file has no query of that name.
        """
        try:
            return self._queries[name]
        except KeyError:
            raise AttributeError(f"{self._path.name} has no query {name!r}, only {', '.join(self)}") from None

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the queries in the order of the file."""
        return iter(self._queries)


def _translate(text: str) -> LiteralString:
    return _PARAMETER.sub(r"%(\2)s", _COMMENT.sub("", text)).strip().removesuffix(";")
