"""The registry's REST API as a source: for a service that cannot reach the models database."""

import re
from http import HTTPStatus
from urllib.parse import quote

import httpx

from pipeline.airflow_client.api import AirflowApi
from pipeline.errors import DocumentError, NotFoundError, PipelineError
from pipeline.serialisation.document import SplitDocument
from pipeline.service.source import Target
from pipeline.web.digest import HEADER, digest_content

_TAG = re.compile(r'(?:W/)?"([0-9a-f]{64})-(json|binary)"')
_MODEL = re.compile(r"(.+)@(\d+)")
_SECONDS = 60


class RegistrySource:
    """A `Source` that asks as a user who may trigger the DAG; the tag of a document has its SHA-256."""

    def __init__(self, airflow: AirflowApi) -> None:
        self._airflow = airflow

    def look(self, reference: str) -> Target:
        return self._read_target(self._ask("HEAD", reference))

    def fetch(self, target: Target) -> SplitDocument:
        name = f"{target.label}@{target.version}"
        response = self._ask("GET", name)
        if self._read_target(response) != target:
            raise NotFoundError(name, "it has been trained again in the meantime")
        data = response.content
        if response.headers.get(HEADER) != digest_content([data]):
            raise DocumentError(name, "its document was damaged on its way: its digest is not the one that was sent")
        return SplitDocument("binary" if "octet-stream" in response.headers["Content-Type"] else "json", None, data)

    def _ask(self, method: str, reference: str) -> httpx.Response:
        path = f"/registry/models/{quote(reference, safe='@')}/document"
        response = self._airflow.send(method, path, _SECONDS)
        if response.status_code == HTTPStatus.NOT_FOUND:
            raise NotFoundError("registry", f"there is no {reference!r}", next_step="see `pipeline models list`")
        if response.status_code != HTTPStatus.OK:
            raise PipelineError(f"{self._airflow.url}{path}", f"the registry answered {response.status_code}")
        return response

    def _read_target(self, response: httpx.Response) -> Target:
        tag = _TAG.fullmatch(response.headers.get("ETag", ""))
        model = _MODEL.fullmatch(response.headers.get("X-Model", ""))
        if tag is None or model is None:
            raise PipelineError(self._airflow.url, "what answers there is not a registry of this version")
        return Target(model[1], int(model[2]), tag[1])
