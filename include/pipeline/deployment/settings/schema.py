"""What may stand in `airflow_settings.yaml`: the fields that the Astro CLI reads, and nothing else."""

import json
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pipeline.deployment.settings.uri import parse_connection_uri

HIDDEN = "***"
_DEVELOPMENT = ("postgres", "postgres")


def _check_extra(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, dict):
        raise PydanticCustomError("extra", "no mapping, and no text of a JSON object")
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        raise PydanticCustomError("extra", "holds a value that JSON has no form for; put dates in quotes") from None
    return value


def _check_password(value: str) -> str:
    if value == HIDDEN:
        raise PydanticCustomError("password", "what Airflow shows in a password's place, not a password")
    return value


def _text_of(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _check_slots(value: int) -> int:
    if value < -1 or value == 0:
        raise PydanticCustomError("slots", "not a size that a pool has; at least 1, or -1 for no limit")
    return value


class _Setting(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ConnectionSetting(_Setting):
    """One connection, by its parts or by `conn_uri`; what is not given stays as it is in Airflow."""

    conn_id: Annotated[str, Field(pattern=r"\A[\w.-]+\z", max_length=200)]
    conn_type: Annotated[StrictStr, Field(min_length=1)] | None = None
    conn_host: StrictStr | None = None
    conn_schema: StrictStr | None = None
    conn_login: StrictStr | None = None
    conn_password: Annotated[StrictStr, AfterValidator(_check_password)] | None = None
    conn_port: Annotated[StrictInt, Field(ge=1, le=65535)] | None = None
    conn_uri: StrictStr | None = None
    conn_extra: Annotated[dict[str, Any], BeforeValidator(_check_extra)] | None = None

    @model_validator(mode="after")
    def _check_address(self) -> Self:
        given = self.model_dump(exclude={"conn_id", "conn_uri"}, exclude_none=True)
        if self.conn_uri is None and self.conn_type is None:
            raise PydanticCustomError("address", "neither conn_type nor conn_uri is given")
        if self.conn_uri is not None:
            if given:
                names = ", ".join(given)
                raise PydanticCustomError("address", f"conn_uri stands beside {names}; give the one or the others")
            try:
                parse_connection_uri(self.conn_uri)
            except ValueError:  # whose words may hold the password
                form = "type://login:password@host:port/schema"
                raise PydanticCustomError("address", f"conn_uri is not of the form {form}") from None
        return self

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that are given, by the names that Airflow's REST API has for them; `extra` is a mapping."""
        if self.conn_uri is not None:
            return parse_connection_uri(self.conn_uri)
        parts = self.model_dump(exclude={"conn_id", "conn_uri"}, exclude_none=True)
        return {name if name == "conn_type" else name.removeprefix("conn_"): value for name, value in parts.items()}

    @property
    def is_development(self) -> bool:
        """Say whether it is the login that the Astro CLI's own PostgreSQL has on every developer's machine."""
        fields = self.fields
        return (fields.get("host"), fields.get("password")) == _DEVELOPMENT


class PoolSetting(_Setting):
    """One pool; -1 slots are no limit."""

    pool_name: Annotated[StrictStr, Field(min_length=1, max_length=256)]
    pool_slot: Annotated[StrictInt, AfterValidator(_check_slots)]
    pool_description: StrictStr | None = None


class VariableSetting(_Setting):
    """One variable; its value is text, and a whole number stands for its digits."""

    variable_name: Annotated[StrictStr, Field(min_length=1, max_length=250)]
    variable_value: Annotated[StrictStr, BeforeValidator(_text_of)]


class Settings(_Setting):
    """The content below `airflow:`."""

    connections: tuple[ConnectionSetting, ...] = ()
    pools: tuple[PoolSetting, ...] = ()
    variables: tuple[VariableSetting, ...] = ()

    def with_slots(self, pool_name: str, slots: int) -> Self:
        """Return the settings with another size for one pool, where they name it."""
        resized = {"pool_slot": slots}
        pools = [pool.model_copy(update=resized) if pool.pool_name == pool_name else pool for pool in self.pools]
        return self.model_copy(update={"pools": tuple(pools)})


class SettingsDocument(_Setting):
    """The whole file."""

    airflow: Settings
