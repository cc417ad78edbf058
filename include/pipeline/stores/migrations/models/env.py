"""Alembic's entry to the models database; the address comes from `migrate`."""

from pipeline.stores.migrations.run import run

run("models_schema_version")
