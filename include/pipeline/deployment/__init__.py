"""The deployment on one machine: PostgreSQL, Airflow and the supervisor that keeps them running."""
