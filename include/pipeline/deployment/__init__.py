"""Everything on one machine: PostgreSQL, Airflow and what keeps them running."""

from pipeline.deployment.variables import environment

__all__ = ["environment"]
