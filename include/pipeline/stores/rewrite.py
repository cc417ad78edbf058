"""Write tables anew, so that nothing of deleted rows is left in a database's files."""

from collections.abc import Iterable

import psycopg

from pipeline.log import get_logger
from pipeline.stores.database import Database

log = get_logger(__name__)


def rewrite(database: Database, tables: Iterable[str]) -> bool:
    """Write tables anew without their dead rows, and let the server drop its write-ahead log of them.

    Whoever uses a table waits meanwhile. The server removes what it has logged if its setting `wal_recycle` is off, as
    on one machine; otherwise it overwrites that later.

    Args:
        database: with the role that owns the tables.
        tables: their names, from the code only.

    Returns:
        Whether the role may let the server write a checkpoint, and so drop the log.
    """
    with database.connection() as connection:
        connection.autocommit = True  # VACUUM has to be the only statement of its transaction
        for table in tables:
            connection.execute(f"VACUUM (FULL) {table}".encode())
        try:
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("CHECKPOINT")
        except psycopg.errors.InsufficientPrivilege:
            log.info("the write-ahead log keeps what was deleted, as it was stored, until it is overwritten")
            return False
    return True
