"""`pipeline prepared …`, and what other commands do with what is prepared."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import run_pipeline
from pipeline.cache.entry import PackedEntry
from pipeline.cache.store import CacheStore
from pipeline.examples.keyring import KeyRing

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    KeyRing.generate().save(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def store(tmp_path: Path, keys_file: Path) -> CacheStore:
    """A store with two entries."""
    store = CacheStore((tmp_path / "store").as_uri(), 2**30, KeyRing.from_file(keys_file))
    for name in ("one", "two"):
        store.write(name, PackedEntry({"words": ["a"]}, 1.0))
    return store


@pytest.fixture
def run(store: CacheStore, keys_file: Path, examples_url: str) -> Run:
    """Run `pipeline` with arguments and a store with two entries."""
    environ = {
        "AIRFLOW_CONN_EXAMPLES_DB": examples_url,
        "AIRFLOW_CONN_MODELS_DB": examples_url,
        "AIRFLOW_CONN_NOTIFICATIONS": "memory://",
        "PIPELINE_EXAMPLES_KEYS_FILE": str(keys_file),
        "PIPELINE_PREPARED_STORE": store.url,
    }

    def run(*arguments: str, **overrides: str) -> subprocess.CompletedProcess[str]:
        return run_pipeline(environ | overrides, *arguments)

    return run


def test_show_tells_where_it_is_and_how_large(run: Run, store: CacheStore) -> None:
    told = run("prepared", "show").stdout
    assert told.startswith(f"{store.url}: 2 entries, 0.0 of at most 8,192 MB (PIPELINE_PREPARED_LIMIT_MB).")

    found = json.loads(run("prepared", "show", "--json", PIPELINE_PREPARED_LIMIT_MB="1").stdout)
    assert (found["store"], found["entries"], found["limit_bytes"]) == (store.url, 2, 2**20)
    assert found["size_bytes"] == store.survey()[1] > 0


def test_clear_takes_it_away(run: Run, store: CacheStore) -> None:
    assert run("prepared", "clear").stdout == f"{store.url}: 2 entries removed.\n"

    assert json.loads(run("prepared", "clear", "--json").stdout)["removed"] == 0
    assert store.survey() == (0, 0)


def test_a_new_key_leaves_nothing_under_the_former_one(run: Run, store: CacheStore) -> None:
    done = run("examples", "rotate-key")

    assert (done.returncode, store.survey()) == (0, (0, 0))


def test_where_it_is_off_that_is_said(run: Run) -> None:
    done = run("prepared", "show", PIPELINE_PREPARED_STORE="off")

    assert done.returncode == 1
    assert "error PIPELINE_PREPARED_STORE: not set; a folder as file:///path" in done.stderr


def test_a_bucket_whose_package_is_missing_is_told_in_a_sentence(run: Run) -> None:
    done = run("prepared", "clear", PIPELINE_PREPARED_STORE="s3://nobody-has-this-bucket/prepared")

    assert done.returncode == 1
    assert "error PIPELINE_PREPARED_STORE: 's3://nobody-has-this-bucket/prepared' (ImportError" in done.stderr
    assert "Traceback" not in done.stderr
