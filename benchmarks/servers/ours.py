"""Our own service as a contestant."""

from pathlib import Path
from typing import Any

from servers.contestants import Contestant, Start
from servers.recipes import DOCUMENT

TOKEN = "a-token-for-this-benchmark"  # noqa: S105 - a server on the loopback interface that lives for a minute


class MissingError(Exception):
    """The service is not part of this product yet."""


def start_ours(document: Path, folder: Path, workers: int, port: int) -> Start:
    """Return how to start the service with one document as `@champion`, and `TOKEN` as its token.

    Args:
        document: a stored model in the binary encoding.
        folder: an empty folder for its files.
        workers: how many processes answer.
        port: where it listens, on the loopback interface.

    Raises:
        MissingError: there is no service yet.
    """
    raise MissingError(f"no service is there to serve {document.name} with {workers} workers on {port} from {folder}")


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
