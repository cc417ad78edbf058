"""A connection's address taken apart, as Airflow does it for `AIRFLOW_CONN_…` and `--conn-uri`."""

import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def parse_connection_uri(uri: str) -> dict[str, Any]:
    """Return the parts of an address, by the names that Airflow's REST API has for them, those only that it holds.

    Raises:
        ValueError: it is no address. Its words may hold the password: show them to nobody.
    """
    parts = urlsplit(uri)
    if not parts.scheme or not uri.startswith(f"{uri.partition('://')[0]}://") or uri.count("://") != 1:
        raise ValueError("no single scheme")
    host = unquote(parts.hostname or "")
    if "/" in host:  # a socket's folder, whose letters `hostname` has made small
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
    """Return what a text means as JSON, or the text where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text
