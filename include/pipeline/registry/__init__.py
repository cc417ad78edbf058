"""The registry: a web application and REST API over stored models, their scores and their aliases.

It does not depend on Airflow: its caller passes in who may do what and where the models database is (`app.make_app`).
"""
