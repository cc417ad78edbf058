"""An address is taken apart as Airflow does it."""

import json
from typing import Any

import pytest
from airflow.models.connection import Connection

from pipeline.deployment.settings.uri import parse_connection_uri


def parts_by_airflow(uri: str) -> dict[str, Any]:
    connection = Connection(conn_id="a", uri=uri)
    found = {name: getattr(connection, name) for name in ("conn_type", "host", "schema", "login", "password", "port")}
    extra = json.loads(connection.extra) if connection.extra else None
    return {name: value for name, value in (found | {"extra": extra}).items() if value}


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://user:p%40ss%2F@Host.example:5432/examples",
        "postgres://user@host/db?sslmode=require&connect_timeout=5",
        "amqp://user:pw@rabbitmq:5672//",
        "amqps://h/%2F",
        "google-cloud-platform://?__extra__=%7B%22a%22%3A+%7B%22b%22%3A+1%7D%7D",
        "postgresql://user@%2FVar%2Frun/db",
        "http://[::1]:80/",
        "generic://",
    ],
)
def test_the_parts_are_those_that_airflow_finds(uri: str) -> None:
    assert parse_connection_uri(uri) == parts_by_airflow(uri)


@pytest.mark.parametrize("uri", ["", "host/db", "://host", "http://https://host", "http://h:port", "a b://h"])
def test_what_is_no_address_is_refused(uri: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_connection_uri(uri)
