"""Train, score, store and announce every text classifier in a training plan. Imports no Airflow."""

__version__: str


def __getattr__(name: str) -> str:
    if name == "__version__":  # looking it up takes longer than many commands
        from importlib.metadata import version

        return version("classifier-pipeline")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
