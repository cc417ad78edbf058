"""Connects Airflow and the product: besides `dags/` and `plugins/`, the only place that imports Airflow."""
