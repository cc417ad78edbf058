"""No example's text is anywhere in a deployment's state: not in a log, a table, a queue or a file."""

import base64
import csv
import json
import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from e2e.deployments import Deployment
from passing import wait_until
from pipeline.deployment.home import Home
from pipeline.deployment.record import Record, Secrets

pytestmark = pytest.mark.e2e

WORD = b"marmalade"
SENTENCE = "the quartz heron whispers forty-one marmalade secrets at dawn"
CLASSIFICATION = "a classification nobody may see in passing"
# older than the examples of the demo: the pages begin with a plan for the newest, and other tests look at those
PLAN = """{
  "dataset": {"name": "SpanDataset", "options": {"start_datetime_str": ["1990-1-1"], "end_datetime_str": ["1990-1-2"],
    "training_ratio": [0.8], "collection": ["marked"]}},
  "adapter": {"name": "Word2VecAdapter", "options": {"sequence_length": [20]}},
  "model": {"name": "scikit_model_svm", "options": {"kernel": ["linear"]}}
}"""
BROKEN_PLAN = PLAN.replace("1990-1-2", "1990-1-1T00:01")


@pytest.fixture(scope="module")
def marked(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A deployment in which examples that hold a marked sentence were loaded, trained on, and failed on."""
    folder = tmp_path_factory.mktemp("marked")
    write_examples(folder / "examples.csv")
    (folder / "plan.json").write_text(PLAN, encoding="utf-8")
    (folder / "broken.json").write_text(BROKEN_PLAN, encoding="utf-8")

    loaded = deployment.run("examples", "load", str(folder / "examples.csv"), "--collection", "marked")
    trained = deployment.run("train", str(folder / "plan.json"), "--follow")
    failed = deployment.run("train", str(folder / "broken.json"), "--follow")

    assert loaded.returncode == 0, loaded.stderr
    assert trained.returncode == 0, trained.stdout + trained.stderr
    assert failed.returncode == 1
    checkpoint(deployment)
    return deployment


def write_examples(path: Path) -> None:
    """Write 60 examples of a day, each with the marked sentence among other words."""
    words = random.Random(0).choices(["lantern", "gravel", "orbit", "velvet", "anchor", "thistle", "copper"], k=60 * 10)  # noqa: S311
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["time", "classification", "text"])
        for number in range(60):
            text = f"{' '.join(words[number * 10 : number * 10 + 10])} {SENTENCE}"
            rows.writerow([f"1990-01-01T{number // 3:02}:{number % 3:02}", [CLASSIFICATION, "other"][number % 2], text])


def spellings(sentence: str) -> Iterator[bytes]:
    """Yield the ways in which a sentence could have been written down without being encrypted."""
    for text in (sentence, sentence.upper(), sentence.replace(" ", "+"), sentence.replace(" ", "%20")):
        yield text.encode()
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le"):
        yield sentence.encode(encoding)
    yield sentence.encode().hex().encode()
    for offset in range(3):  # base64 has three phases; the ends depend on what stands beside
        yield base64.b64encode(b"x" * offset + sentence.encode())[4:-4]


def files_holding(folder: Path, needles: list[bytes]) -> list[str]:
    """Return every file below a folder that holds one of the needles."""
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and any(needle in path.read_bytes() for needle in needles)
    ]


def test_the_search_finds_what_is_there(marked: Deployment) -> None:
    label = b"word2vec-svm-"

    found = files_holding(marked.home, [label])

    assert any(name.startswith("postgres/") for name in found)
    assert any(name.startswith("airflow/logs/") for name in found)


def test_no_class_of_an_example_is_in_a_log(marked: Deployment) -> None:
    for logs in (marked.home / "airflow/logs", marked.home / "logs"):
        assert files_holding(logs, [CLASSIFICATION.encode()]) == []


def test_no_text_of_an_example_is_anywhere_in_the_state(marked: Deployment) -> None:
    assert files_holding(marked.home, list(spellings(SENTENCE))) == []


def test_what_is_forgotten_is_nowhere_in_the_state(marked: Deployment) -> None:
    """The other way round: the model knows words of the texts, is in service, and is found before it is forgotten."""
    models = json.loads(marked.run("models", "list", "--json").stdout)
    label = next(each["label"] for each in models if (each["testing_set"] or {}).get("collection") == "marked")
    moved = marked.run("aliases", "set", "champion", label, "--why", "to be forgotten")
    assert moved.returncode == 0, moved.stderr
    wait_until(lambda: served_label(marked) == label)
    found = json.loads(marked.run("examples", "find", "--collection", "marked", "--limit", "100", "--json").stdout)
    (marked.home.parent / "ids.txt").write_text("\n".join(each["id"] for each in found["items"]), encoding="utf-8")
    checkpoint(marked)
    before = files_holding(marked.home, [WORD])
    assert {name.split("/")[1] for name in before} == {"base", "pg_wal"}  # the tables, and the server's log of them

    forgotten = marked.run(
        *("examples", "forget", "--ids", str(marked.home.parent / "ids.txt"), "--collection", "marked"),
        *("--why", "a test", "--and-models", "--and-aliases", "--yes", "--json"),
    )

    assert forgotten.returncode == 0, forgotten.stderr
    told = json.loads(forgotten.stdout)
    assert (told["examples"], [each["label"] for each in told["deleted_models"]]) == (60, [label])
    wait_until(lambda: served_label(marked) is None)
    checkpoint(marked)
    assert files_holding(marked.home, [WORD]) == []


def served_label(deployment: Deployment) -> str | None:
    """Return the label of what the service answers with."""
    home = Home(deployment.home)
    headers = {"Authorization": f"Bearer {Secrets.read(home).service_token}"}
    url = f"http://127.0.0.1:{Record.read(home).service_port}/v1/models"
    label: str | None = httpx.get(url, headers=headers, trust_env=False).json()[0]["label"]
    return label


def checkpoint(deployment: Deployment) -> None:
    """Let the server write what is in memory only, which would not be searched."""
    with psycopg.connect(deployment.superuser_url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
