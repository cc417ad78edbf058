"""Asks the registry's API as a program does, without a server, and puts into the database what it answers from."""

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI

from factories import make_definition, make_expansion, make_trained_model
from pipeline.plans import Definition
from pipeline.registry.access import Access
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.store import ModelsStore

ANN = Access(reader=lambda: "ann", user=lambda: "ann", remover=lambda: "ann")
"""Somebody who may do everything."""

PROBLEM = "application/problem+json"
DEFINITIONS = [make_definition(sequence_length=length) for length in (1, 2, 3, 4)]
LABELS = [definition.label for definition in DEFINITIONS]


class Client:
    """Sends requests to an application in this process."""

    def __init__(self, app: FastAPI, *, has_token: bool = True) -> None:
        self.app = app
        self.headers = {"Authorization": "Bearer of somebody"} if has_token else {}

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Return what the application answers; an error that it does not handle is raised."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://registry", headers=self.headers
            ) as client:
                return await client.request(method, path, **options)

        return asyncio.run(send())

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of a request that is answered."""
        answer = self.request("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refuse(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        """Return the status and the detail of the problem that a request is refused with."""
        answer = self.request(method, path, **options)
        assert answer.headers["content-type"] == PROBLEM, answer.text
        problem = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["title"]
        return answer.status_code, problem["detail"]


def open_run(database: Database, *definitions: Definition, run_id: str = "run-1", **overrides: Any) -> None:
    """Write a run of these definitions into the ledger."""
    Ledger(database).open_run(run_id, {}, make_expansion(*definitions, **overrides))


def save(database: Database, definition: Definition, run_id: str = "run-1", **overrides: Any) -> int:
    """Store a model of a run and return its version; `accuracy`, `macro_f1` and such override parts of its scores."""
    scores = make_trained_model(definition).scores
    replaced = {
        name: overrides.pop(name)
        for name in (*scores, "per_class", "validation", "balanced_accuracy")
        if name in overrides
    }
    return ModelsStore(database).save(
        make_trained_model(definition, run_id, **({"scores": scores | replaced} | overrides))
    )


def find_model_id(database: Database, label: str, version: int = 1) -> int:
    """Return the id of a stored model."""
    with database.connection() as connection:
        query = "SELECT model_id FROM models WHERE label = %s AND version = %s"
        row = connection.execute(query, (label, version)).fetchone()
    assert row
    return int(row[0])


def forget_answers(database: Database, label: str) -> None:
    """Let the models of a label be of before answers were stored."""
    with database.connection() as connection:
        connection.execute("UPDATE models SET testing_set = NULL, answers = NULL WHERE label = %s", (label,))
