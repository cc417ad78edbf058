"""The registry: which models there are, which is best, which one an alias points at, and the models themselves.

An application that knows nothing of Airflow: who may do what, and where the models database is, is told to it.
"""
