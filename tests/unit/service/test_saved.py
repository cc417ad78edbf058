"""What a service keeps on disk: encrypted, whole or not at all."""

from pathlib import Path

import pytest

from factories import make_document
from pipeline.examples.keyring import KeyRing
from pipeline.serialisation.document import SplitDocument
from pipeline.service.saved import SavedDocuments
from pipeline.service.source import Target

TARGET = Target("label", 3, "ab" * 32)


@pytest.fixture
def saved(tmp_path: Path) -> SavedDocuments:
    return SavedDocuments(tmp_path / "documents", KeyRing.generate())


@pytest.mark.parametrize("encoding", ["json", "binary"])
def test_what_is_saved_is_read_back(saved: SavedDocuments, encoding: str) -> None:
    document = make_document(encoding=encoding)
    assert saved.write("@champion", TARGET, document) is None

    assert saved.read("@champion") == (TARGET, document)
    assert saved.read("label") is None


def test_a_document_that_was_never_split_stays_so(saved: SavedDocuments) -> None:
    document = SplitDocument("json", None, b"{}")
    saved.write("@champion", TARGET, document)

    assert saved.read("@champion") == (TARGET, document)


def test_only_the_owner_can_read_it_and_nothing_of_it_is_plain(saved: SavedDocuments) -> None:
    saved.write("@champion", TARGET, make_document(adapter="hidden words"))
    [path] = saved.folder.iterdir()

    assert path.stat().st_mode & 0o077 == saved.folder.stat().st_mode & 0o077 == 0
    assert not any(word in path.read_bytes() for word in (b"hidden", b"label", b"champion"))


@pytest.mark.parametrize("kept", [-1, 50, 0])
def test_a_file_that_was_cut_off_is_not_read(saved: SavedDocuments, kept: int) -> None:
    saved.write("@champion", TARGET, make_document())
    [path] = saved.folder.iterdir()
    path.write_bytes(path.read_bytes()[:kept])

    assert saved.read("@champion") is None


def test_a_changed_file_is_not_read(saved: SavedDocuments) -> None:
    saved.write("@champion", TARGET, make_document())
    [path] = saved.folder.iterdir()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)

    assert saved.read("@champion") is None


def test_another_key_reads_nothing(saved: SavedDocuments) -> None:
    saved.write("@champion", TARGET, make_document())

    assert SavedDocuments(saved.folder, KeyRing.generate()).read("@champion") is None


def test_a_file_that_was_renamed_is_not_read(saved: SavedDocuments) -> None:
    saved.write("@champion", TARGET, make_document())
    [path] = saved.folder.iterdir()
    path.rename(saved._path("label"))

    assert saved.read("label") is None


def test_a_write_that_fails_leaves_what_was_there(saved: SavedDocuments, monkeypatch: pytest.MonkeyPatch) -> None:
    saved.write("@champion", TARGET, make_document())

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    reason = saved.write("@champion", Target("label", 4, "cd" * 32), make_document(model="another"))

    assert reason == "No space left on device"
    assert saved.read("@champion") == (TARGET, make_document())
    assert len([*saved.folder.iterdir()]) == 1
