"""Our own service as a contestant."""

import hashlib
import sys
from pathlib import Path
from typing import Any

from pipeline.environment import ConnectionUrls, Service
from pipeline.examples.keyring import KeyRing
from pipeline.serialisation.document import SplitDocument
from pipeline.service.saved import SavedDocuments
from pipeline.service.source import Target
from servers.contestants import Contestant, Start
from servers.recipes import DOCUMENT

TOKEN = "a-token-for-this-benchmark"  # noqa: S105 - a server on the loopback interface that lives for a minute
NO_DATABASE = "postgresql://nobody:nothing@127.0.0.1:1/models"


def start_ours(document: Path, folder: Path, workers: int, port: int) -> Start:
    """Return how to start the service with one document as `@champion`, and `TOKEN` as its token.

    There is no database: the service finds the document as one that it kept, and looks for a database once a second.

    Args:
        document: a stored model in the binary encoding.
        folder: an empty folder for its files.
        workers: how many processes answer.
        port: where it listens, on the loopback interface.
    """
    settings = Service(
        port=port, workers=workers, tokens=TOKEN, folder=folder / "documents", keys_file=folder / "service.keys"
    )
    assert settings.folder is not None  # noqa: S101 - set above
    assert settings.keys_file is not None  # noqa: S101
    keyring = KeyRing.generate()
    keyring.save(settings.keys_file)
    data = document.read_bytes()
    target = Target("benchmark", 1, hashlib.sha256(data).hexdigest())
    SavedDocuments(settings.folder, keyring).write("@champion", target, SplitDocument("binary", None, data))
    environ = settings.to_environ() | ConnectionUrls(models_db=NO_DATABASE).to_environ()
    return Start([sys.executable, "-m", "pipeline", "serve"], environ)


class Ours(Contestant):
    """`pipeline serve`."""

    name = "pipeline"
    path = "/v1/classify"
    headers = (f"Authorization: Bearer {TOKEN}",)

    def prepare(self, models: Path, folder: Path, workers: int, port: int) -> Start:
        return start_ours(models / DOCUMENT, folder, workers, port)

    def write_body(self, texts: list[str]) -> Any:
        return {"text": texts[0]} if len(texts) == 1 else {"texts": texts}

    def read_classes(self, answer: Any) -> list[str]:
        return [each["classification"] for each in answer["items"]]
