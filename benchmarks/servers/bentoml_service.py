"""A service of BentoML around a pipeline: `MODEL=… WORKERS=1 bentoml serve servers.bentoml_service:Classifier`.

Written as BentoML's pages about adaptive batching and workers say.
"""

import os
from typing import Any

import bentoml
import joblib

from servers.plain import classify


@bentoml.service(workers=int(os.environ["WORKERS"]))
class Classifier:
    """Classifies texts."""

    def __init__(self) -> None:
        self.pipeline = joblib.load(os.environ["MODEL"])

    @bentoml.api(batchable=True)  # type: ignore[untyped-decorator]
    def classify(self, texts: list[str]) -> list[dict[str, Any]]:
        """Classify texts; BentoML puts those of several requests together."""
        return classify(self.pipeline, texts)
