#!/usr/bin/env bash
# Most people would guess: a scikit-learn pipeline of texts that is saved in MLflow with a table of one column as its example answers
# one prediction for each row that it is sent, or refuses.
#
# With MLflow 3.17.2 and scikit-learn 1.9.1 the scoring server answers 200 with a single prediction, however many rows there are, for
# every format of the request. It hands the table to the pipeline; a vectorizer iterates over it, which gives the names of the columns:
# what is classified is the word "text". Saved with an array of texts as the example, the same pipeline gives one prediction a row.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mlflow==3.17.2 scikit-learn==1.9.1
cat >"$folder/serve.py" <<'PYTHON'
import json
import logging
import sys
import warnings

warnings.simplefilter("ignore")
import mlflow
import numpy
import pandas
from mlflow.models import infer_signature
from mlflow.pyfunc.scoring_server import invocations  # what `mlflow models serve` calls for each request
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

logging.getLogger("mlflow").setLevel(logging.ERROR)
texts = ["red apple", "green apple", "blue car", "red car"]
classes = ["fruit", "fruit", "vehicle", "vehicle"]
pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, classes)
requests = {
    "inputs": ("application/json", json.dumps({"inputs": texts})),
    "dataframe_split": ("application/json", json.dumps({"dataframe_split": {"columns": ["text"], "data": [[t] for t in texts]}})),
    "dataframe_records": ("application/json", json.dumps({"dataframe_records": [{"text": text} for text in texts]})),
    "csv": ("text/csv", "\n".join(["text", *texts])),
}
found = {}
for example, data in {"table": pandas.DataFrame({"text": texts}), "array": numpy.array(texts)}.items():
    path = f"{sys.argv[1]}/{example}"
    signature = infer_signature(data, numpy.array(classes))
    mlflow.sklearn.save_model(pipeline, path, signature=signature, pip_requirements=["mlflow"])
    model = mlflow.pyfunc.load_model(path)
    for name, (kind, body) in requests.items():
        if example == "array" and name == "csv":
            continue
        answer = invocations(body, kind, model, model.metadata.get_input_schema())
        found[example, name] = json.loads(answer.response)["predictions"]
        print(f"example: {example}; {len(texts)} rows as {name}: {answer.status} {found[example, name]}")
assert all(len(told) == (1 if example == "table" else 4) for (example, _), told in found.items()), "this has changed"
assert found["table", "inputs"] == pipeline.predict(["text"]).tolist(), "this has changed"
PYTHON
export MLFLOW_DISABLE_TELEMETRY=true
"$folder/venv/bin/python" "$folder/serve.py" "$folder"
