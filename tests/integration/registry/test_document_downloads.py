"""Documents over the API: byte for byte, in either encoding, and only to who has none yet."""

import base64
import hashlib

import pytest

from corpus import make_examples
from integration.registry.client import Client
from integration.registry.trained import DEFINITION, store, train_logistic
from pipeline.serialisation.document import ENCODINGS, join_document, write_document
from pipeline.stores.database import Database
from pipeline.training.adapted_model import AdaptedModel

LABEL = DEFINITION.label
PATH = f"/models/{LABEL}/document"
MEDIA_TYPES = {"json": "application/json", "binary": "application/octet-stream"}


@pytest.mark.parametrize("wanted", ENCODINGS)
@pytest.mark.parametrize("stored", ENCODINGS)
def test_a_document_is_what_training_would_have_written(
    client: Client, models_db: Database, stored: str, wanted: str
) -> None:
    document = store(models_db, train_logistic(), stored)

    answer = client.request("GET", PATH, params={"encoding": wanted})

    assert answer.status_code == 200
    assert answer.content == write_document(join_document(document), wanted)
    assert answer.content == train_logistic().to_document(wanted)
    assert answer.headers["content-type"] == MEDIA_TYPES[wanted]
    suffix = {"json": "json", "binary": "safetensors.zst"}[wanted]
    assert answer.headers["content-disposition"] == f'attachment; filename="{LABEL}-1.{suffix}"'
    assert answer.headers["x-model"] == f"{LABEL}@1"
    texts = make_examples(5, seed=2).texts
    assert AdaptedModel.from_document(answer.content).classify(texts) == train_logistic().classify(texts)


@pytest.mark.parametrize("stored", ENCODINGS)
def test_it_comes_as_it_is_stored_where_no_encoding_is_named(client: Client, models_db: Database, stored: str) -> None:
    store(models_db, train_logistic(), stored)

    answer = client.request("GET", PATH)

    assert answer.headers["content-type"] == MEDIA_TYPES[stored]
    assert answer.content == train_logistic().to_document(stored)


def test_an_encoding_that_is_none_is_refused(client: Client, models_db: Database) -> None:
    store(models_db, train_logistic())

    assert client.refuse("GET", PATH, params={"encoding": "pickle"})[0] == 422


def test_who_has_it_is_not_sent_it_again(client: Client, models_db: Database) -> None:
    document = store(models_db, train_logistic())
    tag = client.request("GET", PATH).headers["etag"]

    assert tag == f'W/"{document.sha256.hex()}-json"'
    for given in (tag, tag.removeprefix("W/"), "*", f'"other", {tag}', f'W/"other",{tag.removeprefix("W/")}'):
        answer = client.request("GET", PATH, headers={"If-None-Match": given})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)


def test_who_has_another_encoding_or_model_is_sent_it(client: Client, models_db: Database) -> None:
    store(models_db, train_logistic())
    tag = client.request("GET", PATH).headers["etag"]

    binary = client.request("GET", PATH, params={"encoding": "binary"}, headers={"If-None-Match": tag})
    assert (binary.status_code, binary.headers["etag"]) == (200, tag.replace("-json", "-binary"))
    store(models_db, train_logistic(), "binary", "run-2")
    assert client.request("GET", PATH, headers={"If-None-Match": tag}).status_code == 200
    assert client.request("GET", f"/models/{LABEL}@1/document", headers={"If-None-Match": tag}).status_code == 304
    assert client.request("GET", PATH, headers={"If-None-Match": '""'}).status_code == 200


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_is_sent_has_its_digest(client: Client, models_db: Database, encoding: str) -> None:
    store(models_db, train_logistic())

    answer = client.request("GET", PATH, params={"encoding": encoding})

    digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
    assert answer.headers["content-digest"] == f"sha-256=:{digest}:"


def test_head_tells_what_get_would_without_the_document(client: Client, models_db: Database) -> None:
    store(models_db, train_logistic())

    asked, told = client.request("GET", PATH), client.request("HEAD", PATH)

    assert (told.status_code, told.content) == (200, b"")
    # only who writes a document knows its digest
    assert {**told.headers, "content-digest": asked.headers["content-digest"]} == {**asked.headers}
    unchanged = client.request("HEAD", PATH, headers={"If-None-Match": asked.headers["etag"]})
    assert unchanged.status_code == 304
