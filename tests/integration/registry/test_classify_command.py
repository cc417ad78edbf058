"""`pipeline models classify`: texts as arguments and from stdin, and those that are refused."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from commands import SCRIPT, run_pipeline
from corpus import make_examples
from integration.registry.trained import DEFINITION, store, train_logistic
from pipeline.examples.example import LONGEST_TEXT
from pipeline.stores.database import Database

TEXTS = make_examples(3, seed=3).texts
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(models_db: Database, models_url: str) -> Run:
    """Return a function that classifies with a stored model."""
    store(models_db, train_logistic())
    names = ("AIRFLOW_CONN_MODELS_DB", "AIRFLOW_CONN_EXAMPLES_DB", "AIRFLOW_CONN_NOTIFICATIONS")
    environ = dict.fromkeys(names, models_url)
    return lambda *texts, stdin="": run_pipeline(
        environ, "models", "classify", DEFINITION.label, "--json", "--", *texts, stdin=stdin
    )


@pytest.mark.parametrize("ending", ["", "\n"])
def test_a_dash_is_the_text_on_stdin_without_its_last_line_end(run: Run, ending: str) -> None:
    text = f"  {TEXTS[1]}\n\n{TEXTS[2]} \n"

    done = run(TEXTS[0], "-", stdin=text + ending)

    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    expected = [TEXTS[0], text if ending else text.removesuffix("\n")]
    assert [row["text"] for row in rows] == expected
    assert [row["classification"] for row in rows] == train_logistic().classify(expected)


@pytest.mark.parametrize(
    ("texts", "stdin", "told"),
    [
        (("",), "", "texts: the text is empty; at least one visible character."),
        ((" \n\t ",), "", "texts: the text is empty"),
        ((TEXTS[0], "\u200b"), "", "texts: text 2 of 2 is empty"),
        (("-",), "", "texts: the text is empty"),
        (("-",), "\n", "texts: the text is empty"),
        (("-", "-"), "a", "texts: - is given 2 times; stdin is one text; give it once."),
        (("-",), "x" * (LONGEST_TEXT + 1), "texts: one of 4,000,001 characters; at most 4,000,000"),
        (("-",), "x" * (LONGEST_TEXT + 9), "stdin: more than 4,000,000 characters; shorten or split the text."),
    ],
    ids=range(8),
)
def test_what_cannot_be_classified_is_refused_in_one_sentence(
    run: Run, texts: tuple[str, ...], stdin: str, told: str
) -> None:
    done = run(*texts, stdin=stdin)

    assert done.returncode == 1
    assert told in done.stderr
    assert done.stdout == ""


def test_stdin_that_is_no_text_is_refused_in_one_sentence() -> None:
    command = [sys.executable, "-c", SCRIPT, "models", "classify", "any", "-"]

    done = subprocess.run(command, input=b"caf\xe9", capture_output=True, timeout=300, check=False)

    assert done.returncode == 1
    assert b"stdin: is not text in UTF-8" in done.stderr
