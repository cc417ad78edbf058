"""Connections, pools and variables as Airflow's REST API has them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pipeline.deployment.settings.compare import Likeness, compare, compare_texts
from pipeline.deployment.settings.schema import ConnectionSetting, PoolSetting, Settings, VariableSetting


@dataclass(frozen=True)
class Item:
    """One thing that Airflow is to have.

    Args:
        kind: `connection`, `pool` or `variable`.
        name: its id in Airflow.
        collection: the path to create it at.
        body: what to send to create it.
        fields: the names of what is compared, and sent to change it, each with how it compares to what Airflow shows.
        identity: what has to stand in the body of a change besides.
        variable: the environment variable that takes its place in Airflow, where there can be one.
        development: it is of use under `astro dev start` only.
    """

    kind: str
    name: str
    collection: str
    body: Mapping[str, Any]
    fields: Mapping[str, Callable[[Any], Likeness]]
    identity: Mapping[str, Any]
    variable: str = ""
    development: bool = False

    @property
    def path(self) -> str:
        """Where Airflow has it."""
        return f"{self.collection}/{quote(self.name)}"

    def find_differences(self, shown: Mapping[str, Any]) -> dict[str, Likeness]:
        """Return the fields that are not the same in Airflow, or that it hides."""
        found = {name: likeness(shown.get(name)) for name, likeness in self.fields.items()}
        return {name: likeness for name, likeness in found.items() if likeness is not Likeness.SAME}

    def change_of(self, names: Mapping[str, Likeness]) -> tuple[str, dict[str, Any]]:
        """Return path and body of the request that changes these fields and no other."""
        mask = "&".join(f"update_mask={name}" for name in names)
        return f"{self.path}?{mask}", {**self.identity, **{name: self.body[name] for name in names}}


def list_items(settings: Settings) -> Iterator[Item]:
    """Return what the settings name, pools first: a task whose pool is missing waits for ever."""
    yield from map(_pool, settings.pools)
    yield from map(_variable, settings.variables)
    yield from map(_connection, settings.connections)


def _connection(setting: ConnectionSetting) -> Item:
    given = setting.fields
    body = given | ({"extra": json.dumps(given["extra"])} if "extra" in given else {})
    return Item(
        kind="connection",
        name=setting.conn_id,
        collection="/api/v2/connections",
        body={"connection_id": setting.conn_id, **body},
        fields={name: _comparison(name, value) for name, value in body.items()},
        # the API wants the type in every body
        identity={"connection_id": setting.conn_id, "conn_type": given["conn_type"]},
        variable=f"AIRFLOW_CONN_{setting.conn_id.upper()}",
        development=setting.is_development,
    )


def _pool(setting: PoolSetting) -> Item:
    described = {} if setting.pool_description is None else {"description": setting.pool_description}
    given: dict[str, Any] = {"slots": setting.pool_slot, **described}
    return Item(
        kind="pool",
        name=setting.pool_name,
        collection="/api/v2/pools",
        body={"name": setting.pool_name, "include_deferred": False, **given},
        fields={name: _comparison(name, value) for name, value in given.items()},
        # the API wants these three in every body, and changes what the mask names
        identity={"pool": setting.pool_name, "slots": setting.pool_slot, "include_deferred": False},
    )


def _variable(setting: VariableSetting) -> Item:
    return Item(
        kind="variable",
        name=setting.variable_name,
        collection="/api/v2/variables",
        body={"key": setting.variable_name, "value": setting.variable_value},
        fields={"value": lambda shown: compare_texts(setting.variable_value, shown)},
        identity={"key": setting.variable_name},
        variable=f"AIRFLOW_VAR_{setting.variable_name.upper()}",
    )


def _comparison(name: str, given: Any) -> Callable[[Any], Likeness]:
    if name == "extra":
        return lambda shown: compare_texts(given, shown)
    return lambda shown: compare(given, shown)
