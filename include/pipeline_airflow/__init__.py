"""The seam between Airflow and the product: the only place besides `dags/` and `plugins/` that imports Airflow."""
