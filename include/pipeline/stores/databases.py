"""Create, clone and drop databases on a server."""

from collections.abc import Iterable

import psycopg
from psycopg import sql

LIST_DATABASES = "SELECT datname FROM pg_database"
CREATE_DATABASE = sql.SQL("CREATE DATABASE {name}")
CLONE_DATABASE = sql.SQL("CREATE DATABASE {name} TEMPLATE {template}")
DROP_DATABASE = sql.SQL("DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def create_missing_databases(server_url: str, names: Iterable[str]) -> list[str]:
    """Create those databases that do not exist yet; return their names."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        there = {name for (name,) in connection.execute(LIST_DATABASES)}
        missing = [name for name in names if name not in there]
        for name in missing:
            connection.execute(CREATE_DATABASE.format(name=sql.Identifier(name)))
    return missing


def clone_database(server_url: str, template: str, name: str) -> None:
    """Create a database as a copy of another, to which there must be no connections."""
    statement = CLONE_DATABASE.format(name=sql.Identifier(name), template=sql.Identifier(template))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement)


def drop_database(server_url: str, name: str) -> None:
    """Drop a database if it exists; connections to it are ended."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(DROP_DATABASE.format(name=sql.Identifier(name)))
