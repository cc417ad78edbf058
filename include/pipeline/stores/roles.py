"""The roles that connect to PostgreSQL, none of them a superuser, and what each may do: `roles.sql` and `grants/`.

| role | may |
| --- | --- |
| `owner` | everything in the databases of examples, models and notifications: migrations, and the commands of people |
| `tasks` | read examples; write runs, definitions, models and notifications, and delete what is old |
| `registry` | read the models database, move aliases, name runs, delete and retire models, and count examples unread |
| `service` | read models and aliases, and consume notifications |
| `airflow` | everything in Airflow's database |
| `celery` | everything in the database of Celery's results, if there is one |
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psycopg

from pipeline.stores.databases import create_missing_databases
from pipeline.stores.queries import Queries

queries = Queries(Path(__file__).with_suffix(".sql"))
_GRANTS = Path(__file__).with_name("grants")


def make_roles(server_url: str, passwords: Mapping[str, str], owners: Mapping[str, str]) -> list[str]:
    """Create the missing roles and databases, and give each role its password and each database its owner.

    What the role at `server_url` owns in a database goes to that database's owner: earlier versions had no other role.

    Args:
        server_url: the address of the database `postgres`, with a role that may create roles and databases.
        passwords: of each role.
        owners: the role that owns each database.

    Returns:
        The databases that were created.
    """
    with psycopg.connect(server_url, autocommit=True) as connection:
        with connection.transaction():
            connection.execute(queries.lock_roles)
            for role, password in passwords.items():
                _execute_all(connection, connection.execute(queries.write_role, {"role": role, "password": password}))
                _execute_all(connection, connection.execute(queries.write_membership, {"role": role}))
        made = create_missing_databases(server_url, owners)
        with connection.transaction():
            connection.execute(queries.lock_roles)
            for database, owner in owners.items():
                _execute_all(
                    connection, connection.execute(queries.write_owner, {"database": database, "owner": owner})
                )
    for database, owner in owners.items():
        with psycopg.connect(server_url, dbname=database) as connection:
            _execute_all(connection, connection.execute(queries.write_gifts, {"owner": owner}))
            _execute_all(connection, connection.execute(queries.write_checkpoint_rights, {"owner": owner}))
    return made


def grant(url: str, schema: str) -> None:
    """Give the roles that exist their rights in the database at `url`, and take back all others.

    Args:
        url: its address, with the role that owns it.
        schema: `examples`, `models` or `notifications`; its tables must exist.
    """
    grants = Queries(_GRANTS / f"{schema}.sql")
    with psycopg.connect(url) as connection:
        connection.execute(queries.lock_roles)
        for (role,) in connection.execute(queries.list_roles, {"roles": [*grants]}).fetchall():
            connection.execute(getattr(grants, role))


def _execute_all(connection: psycopg.Connection[Any], statements: Iterable[tuple[str]]) -> None:
    """Run the statements that a query has written."""
    for (statement,) in [*statements]:
        connection.execute(statement.encode())
