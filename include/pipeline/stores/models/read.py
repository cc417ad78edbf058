"""What references point at, and documents: all that answering with a stored model needs. Only reads."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, LiteralString

from pipeline.errors import DocumentError, NotFoundError
from pipeline.serialisation.document import SplitDocument
from pipeline.stores.database import Database
from pipeline.stores.queries import Queries

MARK: Final = "@"
"""`@champion` is an alias and `label@3` a version of a label; no label contains it."""

Wanted = dict[str, str | int | None]

queries = Queries(Path(__file__).with_suffix(".sql"))


class DeletedError(NotFoundError):
    """A model that was there, and that somebody has deleted."""


def read_target(database: Database, reference: str) -> tuple[str, int, str]:
    """Return label, version and the document's SHA-256 in hexadecimal that a reference points at.

    Args:
        database: the models database.
        reference: a label (its newest version), `label@3`, or an alias as `@champion`.

    Raises:
        NotFoundError: there is no such model or alias.
    """
    if reference.startswith(MARK):
        alias = reference.removeprefix(MARK)
        return _find(database, queries.select_alias_target, {"alias": alias}, partial(no_alias, alias))
    label, _, version = reference.partition(MARK)
    if version and not (version.isascii() and version.isdigit() and len(version) < 10):
        raise NotFoundError("model", f"{reference!r}", "a label, label@3 for its third version, or @alias")
    wanted = {"label": label, "version": int(version) if version else None}
    missing = partial(_describe_missing, database, reference, wanted)
    return _find(database, queries.select_version_target, wanted, missing)


def read_document(database: Database, label: str, version: int | None = None) -> SplitDocument:
    """Return a model's stored document; by default the newest version.

    Raises:
        NotFoundError: no such model.
        DocumentError: its SHA-256 or its adapter's is not the one that was stored with it.
    """
    with database.connection() as connection:
        found = connection.execute(
            queries.select_document, {"label": label, "version": version}, binary=True
        ).fetchone()
    if found is None:
        raise no_model(label, version)
    label, version, sha256, adapter_sha256, text, data, adapter_text, adapter_data = found
    adapter = adapter_data if adapter_text is None else adapter_text.encode()
    encoding, rest = ("binary", data) if text is None else ("json", text.encode())
    document = SplitDocument(encoding, adapter, rest)
    if (document.sha256, document.adapter_sha256) != (sha256, adapter_sha256):
        raise DocumentError(
            f"{label} version {version}",
            "its stored document was changed or damaged: the SHA-256 is not the one that was stored with it",
            next_step="restore the models database from a backup, or train the definition again",
        )
    return document


def no_alias(alias: str) -> NotFoundError:
    """Return the error that says that there is no such alias."""
    next_step = "see `pipeline aliases list`, or set it with `pipeline aliases set`"
    return NotFoundError("alias", f"there is no {alias[:60]!r}", next_step=next_step)


def no_model(label: str, version: int | None) -> NotFoundError:
    """Return the error that says that there is no such model."""
    wanted = f"label {label!r}" if version is None else f"label {label!r} in version {version}"
    return NotFoundError("model", f"there is no {wanted}", next_step="see `pipeline models list`")


def _describe_missing(database: Database, reference: str, wanted: Wanted) -> NotFoundError:
    """Return the error that says that there is no such model, and who deleted it if somebody has."""
    with database.connection() as connection:
        deleted = connection.execute(queries.select_deleted, wanted).fetchone()
    if deleted is None:
        return NotFoundError("model", f"there is no {reference!r}", next_step="see `pipeline models list`")
    version, author, when, why = deleted
    what = f"{wanted['label']}{MARK}{version} was deleted by {author} on {when:%Y-%m-%d}: {why}"
    return DeletedError("model", what, next_step="see `pipeline models list`")


def _find(
    database: Database, query: LiteralString, wanted: Wanted, missing: Callable[[], NotFoundError]
) -> tuple[str, int, str]:
    with database.connection() as connection:
        found = connection.execute(query, wanted).fetchone()
    if found is None:
        raise missing()
    return found[0], found[1], found[2]
