"""An examples store on a fresh database, and files to load into it."""

from pathlib import Path

import pytest

from integration.loading.loading import MakeFile
from pipeline.examples.keyring import KeyRing
from pipeline.stores.database import Database
from pipeline.stores.examples.store import ExamplesStore


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    """The path of a fresh key file."""
    path = tmp_path / "examples.keys"
    KeyRing.generate().save(path)
    return path


@pytest.fixture
def store(examples_db: Database, keys_file: Path) -> ExamplesStore:
    """A store on a fresh database, with a fresh key file."""
    return ExamplesStore(examples_db, KeyRing.from_file(keys_file))


@pytest.fixture
def make_csv(tmp_path: Path) -> MakeFile:
    """Write a CSV file of the lines given, behind a header."""

    def make(*lines: str, name: str = "examples.csv", header: str = "time,classification,text") -> Path:
        path = tmp_path / name
        path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
        return path

    return make
