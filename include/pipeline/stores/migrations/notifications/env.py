"""Alembic's entry to the database of the notification queues; the address comes from `migrate`."""

from pipeline.stores.migrations.run import run

run("notifications_schema_version")
