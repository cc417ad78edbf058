"""The options reference on a running API server."""

import httpx
import pytest

from e2e.deployments import Deployment
from pipeline.models import models

pytestmark = pytest.mark.e2e


def test_the_reference_is_served_to_who_is_logged_in_and_to_nobody_else(deployment: Deployment) -> None:
    token = deployment.airflow.token
    pages = f"{deployment.base_url}/reference"
    bearer = {"Authorization": f"Bearer {token}"}

    anonymous = [httpx.get(f"{pages}/{name}").status_code for name in ("", "models", "nothing", "docs", "openapi.json")]
    shown = httpx.get(f"{pages}/models", headers=bearer)
    by_cookie = httpx.get(f"{pages}/", cookies={"_token": token})
    missing = httpx.get(f"{pages}/nothing", headers=bearer)

    assert anonymous == [401] * 5
    assert shown.status_code == 200
    assert 'id="scikit_model_svm"' in shown.text
    svm = shown.text.partition('id="scikit_model_svm"')[2]
    assert all(f"<code>{name}</code>" in svm for name in models["scikit_model_svm"].options_by_name())
    assert by_cookie.status_code == 200
    assert missing.status_code == 404
