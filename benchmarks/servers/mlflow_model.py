"""How a pipeline becomes a model of MLflow: `python -m servers.mlflow_model PIPELINE FOLDER`.

One that only predicts is saved in MLflow's flavour for scikit-learn, with an array of texts as its example. With a list
or a table as example, that flavour does not serve texts: it refuses lists, and classifies the name of a table's column.
One with probabilities is a Python model, since the flavour tells either the class or the probabilities.
"""

import sys
from typing import Any

import joblib
import mlflow
import numpy as np
from mlflow.pyfunc import PythonModel, PythonModelContext

from servers.plain import classify


class Classifier(PythonModel):  # type: ignore[misc]
    """Classifies texts."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the pipeline."""
        self.pipeline = joblib.load(context.artifacts["pipeline"])

    def predict(self, context: PythonModelContext, model_input: list[str]) -> list[Any]:  # noqa: ARG002 - MLflow's
        """Classify texts."""
        return classify(self.pipeline, model_input)


def save(path: str, folder: str) -> None:
    """Save a pipeline, without asking which packages it needs: they are there."""
    pipeline, packages = joblib.load(path), ["mlflow"]
    if hasattr(pipeline, "predict_proba"):
        mlflow.pyfunc.save_model(folder, python_model=__file__, artifacts={"pipeline": path}, pip_requirements=packages)
    else:
        example = np.array(["a text", "another"])
        mlflow.sklearn.save_model(pipeline, folder, input_example=example, pip_requirements=packages)


if __name__ == "__main__":
    save(sys.argv[1], sys.argv[2])
else:
    mlflow.models.set_model(Classifier())
