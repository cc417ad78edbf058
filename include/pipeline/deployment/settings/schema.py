"""The allowed content of `airflow_settings.yaml`: the fields that the Astro CLI reads, and no others."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StrictInt,
    StrictStr,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pipeline.deployment.settings.uri import parse_connection_uri

HIDDEN = "***"
"""What Airflow shows in place of a secret."""


def _read_extra(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _check_password(value: str) -> str:
    if value == HIDDEN:
        raise PydanticCustomError("password", "what Airflow shows in place of a password, not a password")
    return value


def _check_slots(value: int) -> int:
    if value < -1 or value == 0:
        raise PydanticCustomError("slots", "not a valid pool size; at least 1, or -1 for no limit")
    return value


def _write_number(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _leave_out_empty(rows: Any) -> Any:
    """Return a list without rows whose fields are all empty, as in the Astro CLI's template; None is an empty list."""
    if not isinstance(rows, list):
        return [] if rows is None else rows
    return [row for row in rows if not (isinstance(row, dict) and all(value is None for value in row.values()))]


def _refuse_doubles(rows: Sequence["Row"]) -> Sequence["Row"]:
    counts = Counter(row.name for row in rows)
    if doubled := [repr(name) for name, count in counts.items() if count > 1]:
        raise PydanticCustomError("doubles", f"{', '.join(doubled)} appears more than once; keep one of them")
    return rows


class Setting(BaseModel):
    """One connection, pool or variable."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def name(self) -> str:
        """Its id in Airflow: the first of its fields."""
        return str(next(iter(self))[1])


class ConnectionSetting(Setting):
    """One connection, by its parts or by `conn_uri`; parts that are not given stay as they are in Airflow."""

    conn_id: Annotated[StrictStr, Field(pattern=r"\A[\w.-]+\z")]
    conn_type: Annotated[StrictStr, Field(min_length=1)] | None = None
    conn_host: StrictStr | None = None
    conn_schema: StrictStr | None = None
    conn_login: StrictStr | None = None
    conn_password: Annotated[StrictStr, AfterValidator(_check_password)] | None = None
    conn_port: Annotated[StrictInt, Field(ge=1, le=65535)] | None = None
    conn_uri: StrictStr | None = None
    conn_extra: Annotated[dict[str, JsonValue], BeforeValidator(_read_extra)] | None = None

    @model_validator(mode="after")
    def _check_address(self) -> Self:
        given = ", ".join(self.model_dump(exclude={"conn_id", "conn_uri"}, exclude_none=True))
        if self.conn_uri and given:
            raise PydanticCustomError("address", f"conn_uri is given together with {given}; give only one of them")
        try:
            has_type = "conn_type" in self.fields
        except ValueError:  # its message may contain the password
            form = "type://login:password@host:port/schema"
            raise PydanticCustomError("address", f"conn_uri is not of the form {form}") from None
        if not has_type:
            raise PydanticCustomError("address", "neither conn_type nor conn_uri is given")
        return self

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that are given, by their names in Airflow's REST API; `extra` is a mapping."""
        if self.conn_uri is not None:
            return parse_connection_uri(self.conn_uri)
        parts = self.model_dump(exclude={"conn_id"}, exclude_none=True)
        return {name if name == "conn_type" else name.removeprefix("conn_"): value for name, value in parts.items()}


class PoolSetting(Setting):
    """One pool; -1 slots mean no limit."""

    pool_name: Annotated[StrictStr, Field(min_length=1)]
    pool_slot: Annotated[StrictInt, AfterValidator(_check_slots)]
    pool_description: StrictStr | None = None


class VariableSetting(Setting):
    """One variable; its value is text, and a whole number means its digits."""

    variable_name: Annotated[StrictStr, Field(min_length=1)]
    variable_value: Annotated[StrictStr, BeforeValidator(_write_number)]


Row = TypeVar("Row", bound=Setting)
Rows = Annotated[tuple[Row, ...], BeforeValidator(_leave_out_empty), AfterValidator(_refuse_doubles)]


class Settings(BaseModel):
    """The content below `airflow:`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    connections: Rows[ConnectionSetting] = ()
    pools: Rows[PoolSetting] = ()
    variables: Rows[VariableSetting] = ()

    def with_slots(self, pool_name: str, slots: int) -> Self:
        """Return the settings with another size for one pool, if they name it."""
        resized = {"pool_slot": slots}
        pools = [pool.model_copy(update=resized) if pool.pool_name == pool_name else pool for pool in self.pools]
        return self.model_copy(update={"pools": tuple(pools)})


class SettingsDocument(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")
    airflow: Settings
