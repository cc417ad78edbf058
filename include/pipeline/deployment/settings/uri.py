"""A connection's address taken apart, as Airflow does it for `AIRFLOW_CONN_…` and `--conn-uri`."""

import json
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_EXTRA = "__extra__"


def parse_connection_uri(uri: str) -> dict[str, Any]:
    """Return the parts of an address, by the names that Airflow's REST API has for them, those only that it holds.

    Raises:
        ValueError: it is no address. Its words may hold the password: show them to nobody.
    """
    parts = urlsplit(uri)
    if not parts.scheme or not uri.startswith(f"{uri.partition('://')[0]}://") or uri.count("://") != 1:
        raise ValueError("no single scheme")
    found = {
        "conn_type": "postgres" if parts.scheme == "postgresql" else parts.scheme.replace("-", "_"),
        "host": _host(parts),
        "schema": unquote(parts.path.removeprefix("/")),
        "login": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "port": parts.port,
        "extra": _extra(parts.query),
    }
    return {name: value for name, value in found.items() if value}


def _host(parts: SplitResult) -> str:
    host = unquote(parts.hostname or "")
    if "/" in host:  # a socket's folder, whose letters `hostname` has made small
        host = unquote(parts.netloc.rpartition("@")[2].partition(":")[0])
    return host


def _extra(query: str) -> dict[str, Any]:
    values = dict(parse_qsl(query, keep_blank_values=True))
    if _EXTRA in values:
        extra = json.loads(values[_EXTRA])
        if not isinstance(extra, dict):
            raise ValueError("extra is no object")
        return extra
    return {name: _value(text) for name, text in values.items()}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
