"""Whoever asks the registry of a deployment: its administrator, a viewer, nobody."""

import httpx
import jwt

from e2e.deployments import Deployment

REGISTRY = "/registry"


def make_token(deployment: Deployment, role: str) -> str:
    """Return a token of somebody of another role, as the deployment's own login would sign it."""
    token = deployment.admin_token()
    claims = jwt.decode(token, options={"verify_signature": False}) | {"sub": f"a {role}", "role": role}
    algorithm = jwt.get_unverified_header(token)["alg"]
    return jwt.encode(claims, deployment.variables["AIRFLOW__API_AUTH__JWT_SECRET"], algorithm)


def open_client(deployment: Deployment, token: str | None) -> httpx.Client:
    """Return a client of the registry that has a token, or none."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=deployment.base_url + REGISTRY, headers=headers, timeout=90, trust_env=False)
