"""Everything on one machine: PostgreSQL, Airflow and what keeps them running."""
