"""Whoever asks the registry of a deployment: its administrator, a viewer, nobody."""

import json

import httpx

from e2e.deployments import Deployment
from pipeline.airflow_client.api import AirflowApi
from pipeline.deployment.home import Home

REGISTRY = "/registry"


def make_token(deployment: Deployment, role: str) -> str:
    """Return a token of a user of a role, who is added at the first call."""
    return AirflowApi(deployment.base_url, *add_user(deployment, role)).token


def add_user(deployment: Deployment, role: str) -> tuple[str, str]:
    """Return the name and the password of a user of a role, who is added at the first call."""
    name, passwords = f"one-{role}", Home(deployment.home).airflow_passwords
    if name not in json.loads(passwords.read_text()):
        done = deployment.run("users", "add", name, "--role", role)
        assert done.returncode == 0, done.stderr
    return name, json.loads(passwords.read_text())[name]


def open_client(deployment: Deployment, token: str | None) -> httpx.Client:
    """Return a client of the registry that has a token, or none."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=deployment.base_url + REGISTRY, headers=headers, timeout=90, trust_env=False)
