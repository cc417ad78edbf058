"""The models database as a source; only reads."""

from pipeline.errors import NotFoundError
from pipeline.serialisation.document import SplitDocument
from pipeline.service.source import Target
from pipeline.stores.database import Database
from pipeline.stores.models.read import read_document, read_target


class DatabaseSource:
    """A `Source` that keeps one connection, and opens another when that is lost."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open = database.kept_open()
        self._open.__enter__()

    def look(self, reference: str) -> Target:
        return Target(*read_target(self._database, reference))

    def fetch(self, target: Target) -> SplitDocument:
        document = read_document(self._database, target.label, target.version)
        if document.sha256.hex() != target.sha256:
            raise NotFoundError(f"{target.label}@{target.version}", "it has been trained again in the meantime")
        return document
