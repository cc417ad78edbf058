"""Texts classified over the API: what a model answers, how much it takes, and that nothing sent is repeated."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from corpus import make_examples
from factories import make_definition, make_document
from integration.registry.client import Client, open_run, save
from integration.registry.trained import DEFINITION, store, train_logistic, train_svm
from pipeline.examples.example import LONGEST_TEXT
from pipeline.registry import classify as classify_module
from pipeline.registry.doorstep import LARGEST_BODY_BYTES
from pipeline.registry.loaded import LoadedModels
from pipeline.serialisation.document import join_document
from pipeline.stores.database import Database
from pipeline.stores.models.store import ModelsStore
from pipeline.training.adapted_model import AdaptedModel
from pipeline.training.memory import count_bytes

PATH = f"/models/{DEFINITION.label}/classify"
TEXTS = make_examples(7, seed=3).texts
SECRET = "s3cret"


@pytest.fixture(autouse=True)
def nothing_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classify_module, "_loaded", LoadedModels())


def test_a_text_is_answered_as_the_model_answers_it(client: Client, models_db: Database) -> None:
    store(models_db, train_logistic())

    answer = client.request("POST", PATH, json={"text": TEXTS[0]}).json()

    model = train_logistic()
    [row] = model.probabilities(TEXTS[:1]).tolist()
    assert (answer["label"], answer["version"]) == (DEFINITION.label, 1)
    assert answer["items"] == [
        {
            "classification": model.classify(TEXTS[:1])[0],
            "probabilities": dict(zip(model.model.classes, row, strict=True)),
        }
    ]


@pytest.mark.parametrize("encoding", ["json", "binary"])
def test_texts_are_answered_in_their_order(client: Client, models_db: Database, encoding: str) -> None:
    store(models_db, train_logistic(), encoding)

    items = client.request("POST", PATH, json={"texts": TEXTS}).json()["items"]

    assert [item["classification"] for item in items] == train_logistic().classify(TEXTS)
    assert all(sum(item["probabilities"].values()) == pytest.approx(1) for item in items)


def test_a_model_that_tells_no_probabilities_answers_without(client: Client, models_db: Database) -> None:
    store(models_db, train_svm())

    items = client.request("POST", PATH, json={"texts": TEXTS}).json()["items"]

    assert [item["classification"] for item in items] == train_svm().classify(TEXTS)
    assert [item["probabilities"] for item in items] == [None] * len(TEXTS)


@pytest.mark.parametrize("train", [train_logistic, train_svm])
def test_no_texts_have_no_answers(client: Client, models_db: Database, train: Any) -> None:
    store(models_db, train())

    assert client.request("POST", PATH, json={"texts": []}).json()["items"] == []


def test_a_model_is_read_once_and_again_when_it_was_trained_again(
    client: Client, models_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    get_document = ModelsStore.get_document

    def count(self: ModelsStore, label: str, version: int | None = None) -> Any:
        read.append(label)
        return get_document(self, label, version)

    monkeypatch.setattr(ModelsStore, "get_document", count)
    store(models_db, train_logistic())
    for _ in range(3):
        client.request("POST", PATH, json={"text": TEXTS[0]})
    assert len(read) == 1

    store(models_db, train_svm())
    [item] = client.request("POST", PATH, json={"text": TEXTS[0]}).json()["items"]
    assert item["probabilities"] is None
    assert len(read) == 2


def test_the_longest_unused_model_is_given_up_where_there_is_no_room(models_db: Database) -> None:
    documents = [store(models_db, train_logistic()), store(models_db, train_svm(), run_id="run-2")]
    sizes = [count_bytes(AdaptedModel.from_dict(join_document(document))) for document in documents]
    loaded = LoadedModels(max(sizes) + min(sizes) // 2)

    def get(version: int) -> AdaptedModel:
        return asyncio.run(loaded.get(models_db, DEFINITION.label, version, documents[version - 1].sha256.hex()))

    first, second = get(1), get(2)

    assert get(2) is second
    assert get(1) is not first


def test_a_document_that_cannot_be_loaded_is_no_fault_of_who_asks(client: Client, models_db: Database) -> None:
    open_run(models_db, DEFINITION)
    save(models_db, DEFINITION, document=make_document())

    assert client.refuse("POST", PATH, json={"text": SECRET})[0] == 409


BODIES: list[Any] = [
    {},
    {"text": SECRET, "texts": [SECRET]},
    {"text": None, "texts": None, SECRET: SECRET},
    {"text": [SECRET]},
    {"text": {SECRET: SECRET}},
    {"texts": SECRET},
    {"texts": [SECRET, {SECRET: SECRET}]},
    {"texts": [SECRET, None, 3]},
    {"texts": [SECRET] * 1_001},
    {"text": SECRET + "x" * LONGEST_TEXT},
    {"texts": ["", SECRET + "x" * LONGEST_TEXT]},
    {"text": ""},
    {"text": " \n\t"},
    {"text": "\u200b\u2800"},
    {"texts": [SECRET, " ", SECRET]},
    [SECRET],
    SECRET,
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_what_cannot_be_classified_is_refused_and_not_repeated(
    client: Client, models_db: Database, body: Any, caplog: pytest.LogCaptureFixture
) -> None:
    store(models_db, train_logistic())
    caplog.set_level(logging.DEBUG)

    answer = client.request("POST", PATH, json=body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert SECRET not in answer.text
    assert SECRET not in caplog.text


def test_an_empty_text_is_refused_by_its_place(client: Client, models_db: Database) -> None:
    store(models_db, train_logistic())

    alone = client.refuse("POST", PATH, json={"text": " "})
    among = client.refuse("POST", PATH, json={"texts": [SECRET, "", ""]})

    assert alone == (422, "texts: the text is empty; at least one visible character.")
    assert among == (422, "texts: text 2 of 3 is empty; at least one visible character.")


@pytest.mark.parametrize(
    "content", [f'{{"text": "{SECRET}', f'{{"{SECRET}": }}', f'{{"text": "{SECRET}\\ud800"}}', f"\xff{SECRET}", SECRET]
)
def test_what_is_no_json_is_refused_and_not_repeated(client: Client, models_db: Database, content: str) -> None:
    store(models_db, train_logistic())

    answer = client.request(
        "POST", PATH, content=content.encode("latin-1"), headers={"Content-Type": "application/json"}
    )

    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert SECRET not in answer.text


def test_as_many_and_as_long_texts_as_may_be_are_answered(client: Client, models_db: Database) -> None:
    store(models_db, train_logistic())

    many = client.request("POST", PATH, json={"texts": ["x"] * 1_000})
    long = client.request("POST", PATH, json={"text": "x" * 100_000})

    assert (many.status_code, len(many.json()["items"])) == (200, 1_000)
    assert long.status_code == 200


def make_body(size: int) -> bytes:
    """Return a body of exactly so many bytes whose texts are few and short."""
    body = json.dumps({"texts": [SECRET]}).encode()
    return body + b" " * (size - len(body))


async def cut(body: bytes) -> AsyncIterator[bytes]:
    """Yield a body whose length nobody is told before."""
    for start in range(0, len(body), 2**16):
        yield body[start : start + 2**16]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(client: Client, models_db: Database, chunked: bool) -> None:
    store(models_db, train_logistic())

    def send(size: int) -> int:
        body, headers = make_body(size), {"Content-Type": "application/json"}
        answer = client.request("POST", PATH, content=cut(body) if chunked else body, headers=headers)
        assert SECRET not in answer.text
        assert ("content-length" in answer.request.headers) is not chunked
        return answer.status_code

    assert send(LARGEST_BODY_BYTES) == 200
    assert send(LARGEST_BODY_BYTES + 1) == 413


def test_a_body_that_is_too_large_is_a_problem_like_others(client: Client) -> None:
    body = make_body(LARGEST_BODY_BYTES + 1)

    for content in (body, cut(body)):
        status, detail = client.refuse("POST", PATH, content=content, headers={"Content-Type": "application/json"})
        assert status == 413
        assert "send fewer texts at once" in detail


def test_an_unknown_model_is_not_found(client: Client) -> None:
    path = f"/models/{make_definition(sequence_length=99).label}/classify"

    assert client.refuse("POST", path, json={"text": SECRET})[0] == 404
