"""Airflow looks for a module of this name and imports it in every component; see `pipeline_airflow.preload`."""

import pipeline_airflow.preload  # noqa: F401

__all__: list[str] = []
