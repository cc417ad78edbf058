"""Where the service gets models from: the models database, or the registry's REST API."""

from dataclasses import asdict, dataclass
from typing import Any, Protocol

from pipeline.serialisation.document import SplitDocument


@dataclass(frozen=True, slots=True)
class Target:
    """The model version that a reference points at: its definition's label, its number, and its document's SHA-256."""

    label: str
    version: int
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


class Source(Protocol):
    """A place that knows what references point at. Any thread may call it, but only one at a time."""

    def look(self, reference: str) -> Target:
        """Return what a reference (`@champion`, a label, `label@3`) points at now.

        Raises:
            NotFoundError: there is no such alias or model.
            RetryableError: the source does not answer.
            PipelineError: it refuses to answer.
        """
        ...

    def fetch(self, target: Target) -> SplitDocument:
        """Return the document of a target; what arrives is what was stored.

        Raises:
            NotFoundError: there is no such model any more, or it has been trained again.
            DocumentError: it is damaged.
            RetryableError: the source does not answer.
            PipelineError: it refuses to answer.
        """
        ...
