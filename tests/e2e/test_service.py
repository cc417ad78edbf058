"""From a plan to a model in service, on a whole deployment, as the demo does it."""

import json
import re
import subprocess
from typing import Any

import httpx
import pytest

from e2e.deployments import Deployment
from passing import wait_until
from pipeline.deployment.home import Home
from pipeline.deployment.record import Secrets

pytestmark = pytest.mark.e2e

PLAN = "include/plans/word_frequency_logistic_regression.json"
TEXT = "the shuttle reached its orbit"


@pytest.fixture(scope="module")
def answers(deployment: Deployment) -> str:
    """What `pipeline train --alias` prints about a run whose best model is put into service."""
    loaded = deployment.run("examples", "demo")
    assert loaded.returncode == 0, loaded.stderr
    done = deployment.run("train", PLAN, "--follow", "--alias", "champion")
    assert done.returncode == 0, done.stderr
    return done.stdout


def ask(deployment: Deployment, path: str, **request: Any) -> Any:
    """Return what the service of a deployment answers, at the address and with the token where programs find them."""
    url = json.loads(deployment.run("status", "--json").stdout)["service"]["url"]
    token = json.loads(Home(deployment.home).secrets.read_text())["service_token"]
    method = "POST" if request else "GET"
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.request(method, url + path, headers=headers, timeout=60, trust_env=False, **request)


def test_the_best_model_of_a_run_is_in_service(deployment: Deployment, answers: str) -> None:
    first = re.search(r"^1 +(\S+)", answers, re.MULTILINE)
    assert first is not None

    found = ask(deployment, "/v1/classify", json={"text": TEXT}).json()
    classified = json.loads(deployment.run("models", "classify", "@champion", TEXT, "--json").stdout)
    assert (found["model"], found["label"]) == ("@champion", first[1])
    assert f"@champion now points at {found['label']} version {found['version']}" in answers
    assert [item["classification"] for item in found["items"]] == [row["classification"] for row in classified]


def test_the_printed_line_asks_the_service(answers: str) -> None:
    line = next(line for line in answers.splitlines() if line.startswith("In service: "))

    done = subprocess.run(
        ["bash", "-c", line.removeprefix("In service: ")], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout)["items"][0]["classification"]


def test_a_move_over_rest_is_in_service_by_its_announcement(deployment: Deployment, answers: str) -> None:
    assert answers
    models = json.loads(deployment.run("models", "list", "--json").stdout)
    before = ask(deployment, "/v1/models").json()[0]
    other = next(model for model in models if model["label"] != before["label"])
    headers = {"Authorization": f"Bearer {deployment.airflow.token}"}
    reference = f"{other['label']}@{other['version']}"
    moved = httpx.put(
        f"{deployment.base_url}/registry/aliases/champion",
        json={"model": reference, "reason": "a test"},
        headers=headers,
        timeout=60,
        trust_env=False,
    )
    assert moved.status_code == 200, moved.text

    def served() -> Any:
        return ask(deployment, "/v1/models").json()[0]

    wait_until(lambda: served()["label"] == other["label"], lambda: f"{served()} is still in service")
    assert ask(deployment, "/v1/classify", json={"text": TEXT}).json()["version"] == other["version"]


def test_status_shows_what_is_in_service_and_every_address(deployment: Deployment, answers: str) -> None:
    assert answers
    found = json.loads(deployment.run("status", "--json").stdout)

    assert found["service"]["models"][0]["model"] == "@champion"
    assert found["healthy"] is True
    assert all(found[name].startswith("http://127.0.0.1:") for name in ("ui", "execution_api"))
    assert found["queue"].startswith("postgresql://127.0.0.1:")
    assert found["service"]["models"][0]["label"] in deployment.run("status").stdout


def test_without_the_token_the_service_answers_nobody(deployment: Deployment) -> None:
    url = json.loads(deployment.run("status", "--json").stdout)["service"]["url"]
    secrets = Secrets.read(Home(deployment.home))

    for path in ("/livez", "/readyz", "/metrics", "/v1/models", "/openapi.json"):
        assert httpx.get(url + path, trust_env=False).status_code == 401
    assert secrets.service_token not in deployment.run("status").stdout
