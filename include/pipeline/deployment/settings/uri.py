"""Splits a connection's address into parts, as Airflow does it for `AIRFLOW_CONN_…` and `--conn-uri`."""

import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def parse_connection_uri(uri: str) -> dict[str, Any]:
    """Return the parts that an address contains, by their names in Airflow's REST API.

    Raises:
        ValueError: it is not an address. The message may contain the password: never show it.
    """
    parts = urlsplit(uri)
    if not parts.scheme or not uri.startswith(f"{uri.partition('://')[0]}://") or uri.count("://") != 1:
        raise ValueError("no single scheme")
    host = unquote(parts.hostname or "")
    if "/" in host:  # a socket's folder, which `hostname` has put in lower case
        host = unquote(parts.netloc.rpartition("@")[2].partition(":")[0])
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    whole = query.get("__extra__")
    found = {
        "conn_type": "postgres" if parts.scheme == "postgresql" else parts.scheme.replace("-", "_"),
        "host": host,
        "schema": unquote(parts.path.removeprefix("/")),
        "login": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "port": parts.port,
        "extra": {name: read_json(text) for name, text in query.items()} if whole is None else dict(json.loads(whole)),
    }
    return {name: value for name, value in found.items() if value}


def read_json(text: str) -> Any:
    """Return what a text means as JSON, or the text if it is not JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text
