"""The registry: a web application and REST API over stored models, their scores and their aliases.

It knows nothing of Airflow: its caller passes in who may do what and where the models database is (`app.make_app`).
"""
