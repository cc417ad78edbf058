"""Alembic's entry to the examples database; the address comes from `migrate`."""

from pipeline.stores.migrations.run import run

run("examples_schema_version")
