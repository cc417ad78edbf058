"""The registry's REST API in a running deployment: who may do what, and a model on its way to what serves it."""

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from e2e.deployments import ROOT, Deployment
from e2e.registry_users import REGISTRY, make_token, open_client

pytestmark = pytest.mark.e2e

PLAN: dict[str, Any] = {
    "dataset": json.loads((ROOT / "include/plans/demo.json").read_text(encoding="utf-8"))["dataset"],
    "adapter": {"name": "WordFrequencyAdapter", "options": {"sequence_length": [50], "vocabulary_size": [200, 2000]}},
    "model": [{"name": "scikit_model_logistic_regression"}, {"name": "scikit_model_majority"}],
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
USERS_ONLY = {
    ("GET", "/models/{reference}/document"),
    ("HEAD", "/models/{reference}/document"),
    ("GET", "/plans/trainer"),
    ("HEAD", "/plans/trainer"),
    ("POST", "/models/{reference}/classify"),
    ("PUT", "/aliases/{alias}"),
    ("DELETE", "/aliases/{alias}"),
    ("DELETE", "/models/{reference}"),
    ("PATCH", "/models/{reference}"),
}
UNLISTED = ("/", "/openapi.json", "/docs", "/redoc", "/pages/leaderboard", "/pages/style.css", "/nothing", "/a/b/c")
BODIES = {
    "/models/{reference}/classify": {"text": "a text"},
    "/aliases/{alias}": {"model": "x", "reason": "why"},
    "/models/{reference}": {"retired": True, "reason": "why"},
}

# No module of Airflow may be imported: what serves a model has none.
CLASSIFY = """
import importlib.abc, json, sys
from pathlib import Path

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "airflow":
            raise ImportError(f"{name} is not available here")

sys.meta_path.insert(0, Refuse())
from pipeline.training.adapted_model import AdaptedModel
model = AdaptedModel.from_document(Path(sys.argv[1]).read_bytes())
texts = json.loads(sys.stdin.read())
print(json.dumps({"classes": model.classify(texts), "probabilities": model.probabilities(texts).tolist()}))
"""


@pytest.fixture(scope="module")
def trained(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A deployment in which a plan has been trained."""
    path = tmp_path_factory.mktemp("registry") / "plan.json"
    path.write_text(json.dumps(PLAN), encoding="utf-8")
    loaded = deployment.run("examples", "demo")
    done = deployment.run("train", str(path), "--follow")

    assert loaded.returncode == 0, loaded.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    return deployment


@pytest.fixture(scope="module")
def admin(trained: Deployment) -> Iterator[httpx.Client]:
    """The registry as its administrator sees it."""
    with open_client(trained, trained.airflow.token) as client:
        yield client


@pytest.fixture(scope="module")
def best(admin: httpx.Client) -> str:
    """The label of the best logistic regression."""
    query = {"model": "scikit_model_logistic_regression", "adapter": "WordFrequencyAdapter", "state": "trained"}
    [row, *_] = admin.get("/definitions", params=query).json()["items"]
    return str(row["label"])


def list_calls(admin: httpx.Client) -> list[tuple[str, str]]:
    """Return every method of every path: those of the description, and those that it leaves out."""
    described = admin.get("/openapi.json").json()["paths"]
    return [(method, path) for path in (*described, *UNLISTED) for method in METHODS]


def call(client: httpx.Client, method: str, path: str) -> httpx.Response:
    """Call a route with something in the place of each parameter, and a body where there is one."""
    filled = re.sub(r"\{.*?\}", "nothing", path)
    body = BODIES.get(path) if method in ("POST", "PUT", "PATCH") else None
    return client.request(method, filled, json=body, params={"reason": "why"} if method == "DELETE" else None)


def test_every_method_of_every_route_refuses_the_anonymous(trained: Deployment, admin: httpx.Client) -> None:
    calls = list_calls(admin)
    with open_client(trained, None) as nobody:
        statuses = {(method, path): call(nobody, method, path).status_code for method, path in calls}

    assert len(calls) > 100
    assert {each for each, status in statuses.items() if status != 401} == set()


def test_a_viewer_may_read_and_is_refused_what_is_for_users(trained: Deployment, admin: httpx.Client) -> None:
    with open_client(trained, make_token(trained, "viewer")) as viewer:
        statuses = {(method, path): call(viewer, method, path).status_code for method, path in list_calls(admin)}

    assert {each for each, status in statuses.items() if status == 403} == USERS_ONLY
    assert 401 not in statuses.values()
    assert statuses["GET", "/definitions"] == statuses["GET", "/pages/leaderboard"] == 200


def test_a_user_who_may_trigger_the_dag_is_refused_nothing(trained: Deployment) -> None:
    with open_client(trained, make_token(trained, "user")) as user:
        statuses = {(method, path): call(user, method, path).status_code for method, path in USERS_ONLY}

    # the others ask for what is not there
    assert {path for (_, path), status in statuses.items() if status == 200} == {"/plans/trainer"}
    assert {*statuses.values()} == {200, 404}


def test_a_token_of_another_secret_is_refused(trained: Deployment) -> None:
    token = make_token(trained, "admin")
    with open_client(trained, f"{token[:-8]}AAAAAAAA") as client:
        assert client.get("/definitions").status_code in (401, 403)


def test_a_request_from_another_sites_page_changes_nothing(trained: Deployment, best: str) -> None:
    cookies = {"_token": trained.airflow.token}
    name, body = f"of-{uuid.uuid4().hex[:8]}", {"model": best, "reason": "a trick"}
    url = f"{trained.base_url}{REGISTRY}/aliases/{name}"
    cross = httpx.put(url, json=body, cookies=cookies, headers={"Sec-Fetch-Site": "cross-site"}, trust_env=False)
    form = httpx.put(url, content=json.dumps(body), cookies=cookies, headers={"Content-Type": "text/plain"})
    asked = httpx.options(url, headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "PUT"})

    assert (cross.status_code, form.status_code) == (403, 415)
    assert "access-control-allow-origin" not in asked.headers
    assert httpx.get(url, cookies=cookies, trust_env=False).status_code == 404


def test_a_champion_fetched_by_curl_classifies_without_airflow_as_the_registry_does(
    trained: Deployment, admin: httpx.Client, best: str, tmp_path: Path
) -> None:
    texts = ["the orbit of the shuttle and its launch", "god and faith", "zzz"]
    moved = admin.put("/aliases/champion", json={"model": best, "reason": "the best of the demo"})
    assert moved.status_code == 200, moved.text
    answered = admin.post("/models/@champion/classify", json={"texts": texts}).json()["items"]
    for encoding in ("json", "binary"):
        path = tmp_path / encoding
        url = f"{trained.base_url}{REGISTRY}/models/@champion/document?encoding={encoding}"
        header = f"Authorization: Bearer {trained.airflow.token}"
        subprocess.run(["curl", "-sSf", "-o", path, "-H", header, url], check=True)
        done = subprocess.run(
            [sys.executable, "-c", CLASSIFY, path], input=json.dumps(texts), capture_output=True, text=True, check=False
        )

        assert done.returncode == 0, done.stderr
        served = json.loads(done.stdout)
        assert served["classes"] == [each["classification"] for each in answered]
        assert served["probabilities"] == [[*each["probabilities"].values()] for each in answered]


def test_a_document_that_somebody_has_is_not_sent_again(admin: httpx.Client, best: str) -> None:
    first = admin.get(f"/models/{best}/document")
    again = admin.get(f"/models/{best}/document", headers={"If-None-Match": first.headers["etag"]})
    other = admin.get(f"/models/{best}/document?encoding=binary", headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, again.status_code, other.status_code) == (200, 304, 200)
    assert again.content == b""


def test_what_is_typed_is_in_no_log_and_no_error(trained: Deployment, admin: httpx.Client, best: str) -> None:
    secret = f"typed {uuid.uuid4()}"
    path = f"/models/{best}/classify"
    answers = [
        admin.post(path, json={"text": secret}),
        admin.post(path, json={"text": [secret]}),
        admin.post(path, json={"text": secret, "texts": [secret]}),
        admin.post(path, json={"texts": [secret] * 1001}),
        admin.post(path, content=f'{{"text": "{secret}', headers={"Content-Type": "application/json"}),
        admin.post("/models/nothing/classify", json={"text": secret}),
    ]

    assert [answer.status_code for answer in answers] == [200, 422, 422, 422, 422, 404]
    assert all(secret not in answer.text for answer in answers)
    kept = [path for path in trained.home.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert kept == []


def test_the_command_line_and_the_api_move_the_same_alias(trained: Deployment, admin: httpx.Client, best: str) -> None:
    done = trained.run("aliases", "set", "candidate", best, "--why", "by hand")
    by_api = admin.get("/aliases/candidate").json()
    shown = trained.run("models", "show", "@candidate", "--json")
    removed = trained.run("aliases", "remove", "candidate", "--why", "not needed")

    assert done.returncode == 0, done.stderr
    assert (by_api["label"], by_api["reason"]) == (best, "by hand")
    assert json.loads(shown.stdout)["label"] == best
    assert removed.returncode == 0, removed.stderr
    moves = admin.get("/aliases/candidate/moves").json()["items"]
    assert [(move["label"], move["reason"]) for move in moves[:2]] == [(None, "not needed"), (best, "by hand")]


def test_a_move_over_the_api_is_announced_without_a_run(trained: Deployment, admin: httpx.Client, best: str) -> None:
    subscribed = trained.run("notifications", "subscribe", "moves")
    moved = admin.put("/aliases/announced", json={"model": best, "reason": "to be told"})
    taken = trained.run("notifications", "consume", "--queue", "moves", "--limit", "1", "--timeout", "60")
    trained.run("notifications", "unsubscribe", "moves", "--yes")
    admin.delete("/aliases/announced", params={"reason": "told"})

    assert subscribed.returncode == 0, subscribed.stderr
    assert moved.status_code == 200, moved.text
    message = json.loads(taken.stdout)
    assert (message["event"], message["alias"], message["label"]) == ("alias.moved", "announced", best)
    assert (message["moved_by"], message["reason"]) == (trained.admin[0], "to be told")


def test_notifications_come_once_each_from_a_cursor(admin: httpx.Client) -> None:
    after, labels = 0, []
    while True:
        page = admin.get("/notifications", params={"after": after, "limit": 2}).json()
        labels += [(each["label"], each["version"]) for each in page["items"]]
        after = page["next"]
        if not page["more"]:
            break

    models = admin.get("/models", params={"limit": 500}).json()["items"]
    assert sorted(labels) == sorted((model["label"], model["version"]) for model in models)
    assert admin.get("/notifications", params={"after": after}).json()["items"] == []
