"""Run migrations inside one transaction, one process at a time."""

from alembic import context
from sqlalchemy import create_engine, make_url, pool, text


def run(version_table: str) -> None:
    """Upgrade the database that `migrate` named; a second process waits, then finds nothing to do."""
    url = make_url(context.config.attributes["url"]).set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": version_table})
        context.configure(connection=connection, version_table=version_table)
        context.run_migrations()
