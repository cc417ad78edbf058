"""Keyrings: their text form, their file, and what a bad one is told."""

import base64
import re
import stat
from pathlib import Path

import pytest

from pipeline.environment import EXAMPLES_KEYS, EXAMPLES_KEYS_FILE, ExamplesKeys
from pipeline.errors import KeyRingError
from pipeline.examples.keyring import Key, KeyRing

SECRET = base64.b64encode(b"s" * 32).decode()
DIGEST = f"digest:{base64.b64encode(b'd' * 32).decode()}"


def test_text_form_comes_back_the_same() -> None:
    keyring = KeyRing.generate()
    keyring.add(Key.generate())

    again = KeyRing.from_text(keyring.to_text(), "test")

    assert again.to_text() == keyring.to_text()
    assert again.ids == keyring.ids
    assert again.current == keyring.current


def test_first_key_is_current_whether_lines_or_commas_separate() -> None:
    for text in (
        f"new:{SECRET}\n# a comment, with a comma\nold:{SECRET}\n{DIGEST}\n",
        f"new:{SECRET},old:{SECRET},{DIGEST}",
    ):
        keyring = KeyRing.of(ExamplesKeys.read({EXAMPLES_KEYS: text}))

        assert keyring.current.id == "new"
        assert keyring.ids == ["new", "old"]


def test_no_representation_shows_a_key() -> None:
    keyring = KeyRing.from_text(f"k1:{SECRET},{DIGEST}", "test")

    assert "k1" in repr(keyring)
    for shown in (repr(keyring), str(keyring), repr(keyring.current)):
        assert SECRET not in shown
        assert "ssss" not in shown


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "holds no key"),
        (DIGEST, "holds no key"),
        (f"k1:{SECRET}", "holds no digest key"),
        (f"k1:{SECRET}!,{DIGEST}", "'k1' is not base64"),
        (f"k1:c2hvcnQ=,{DIGEST}", "'k1' has 5 bytes"),
        (f"k1:{SECRET},k1:{SECRET},{DIGEST}", "'k1' appears twice"),
        (f"k1:{SECRET},{DIGEST},{DIGEST}", "'digest' appears twice"),
        (f"k1:{SECRET},:{SECRET},{DIGEST}", "entry 2 has no valid key id"),
        (SECRET, "entry 1 has no valid key id"),
        (SECRET.rstrip("="), "entry 1 has no valid key id"),
    ],
)
def test_malformed_keys_are_refused_without_showing_them(text: str, what: str) -> None:
    with pytest.raises(KeyRingError, match=re.escape(what)) as refusal:
        KeyRing.from_text(text, EXAMPLES_KEYS)

    assert refusal.value.where == EXAMPLES_KEYS
    assert SECRET.rstrip("=") not in str(refusal.value)
    assert "c2hvcnQ" not in str(refusal.value)


def test_nothing_set_says_which_variables_there_are() -> None:
    with pytest.raises(KeyRingError, match=f"{EXAMPLES_KEYS_FILE}: not set.*{EXAMPLES_KEYS}"):
        KeyRing.of(ExamplesKeys.read({}))


def test_both_variables_set_is_refused() -> None:
    with pytest.raises(KeyRingError, match="set together"):
        KeyRing.of(ExamplesKeys.read({EXAMPLES_KEYS: "a", EXAMPLES_KEYS_FILE: "b"}))


def test_saved_file_is_private_whole_and_readable(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    keyring = KeyRing.generate()
    keyring.save(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert KeyRing.of(ExamplesKeys.read({EXAMPLES_KEYS_FILE: str(path)})).to_text() == keyring.to_text()


def test_save_into_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyRingError, match="cannot be written"):
        KeyRing.generate().save(tmp_path / "missing" / "keys")


def test_file_open_to_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    KeyRing.generate().save(path)
    path.chmod(0o640)

    with pytest.raises(KeyRingError, match=f"has mode 0640.*chmod 600 {path}"):
        KeyRing.from_file(path)


def test_missing_and_binary_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    with pytest.raises(KeyRingError, match="cannot be read"):
        KeyRing.from_file(path)

    path.write_bytes(b"\xff\xfe")
    with pytest.raises(KeyRingError, match="not a text file"):
        KeyRing.from_file(path)


def test_unknown_key_is_looked_up_in_the_file_again(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    KeyRing.generate().save(path)
    reader, operator = KeyRing.from_file(path), KeyRing.from_file(path)
    former, fresh = operator.current, Key.generate()
    operator.add(fresh)
    operator.without([former.id]).save(path)

    assert reader[fresh.id] == fresh
    assert reader.current == fresh
    assert reader[former.id] == former  # a snapshot from before the rotation may still need it


def test_key_that_is_nowhere_is_named(tmp_path: Path) -> None:
    keyring = KeyRing.generate()
    keyring.save(tmp_path / "keys")

    with pytest.raises(KeyRingError, match=f"has no key 'lost'.*{keyring.current.id}"):
        keyring["lost"]


def test_changed_digest_key_is_refused_on_reload(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    KeyRing.generate().save(path)
    keyring = KeyRing.from_file(path)
    KeyRing.generate().save(path)

    with pytest.raises(KeyRingError, match="digest key has changed"):
        keyring.reload()


def test_a_keyring_is_created_once(tmp_path: Path) -> None:
    environ = {"PIPELINE_EXAMPLES_KEYS_FILE": str(tmp_path / "keys")}

    path = KeyRing.create(ExamplesKeys.read(environ))
    first = path.read_text()

    assert KeyRing.create(ExamplesKeys.read(environ)) == path
    assert path.read_text() == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert KeyRing.of(ExamplesKeys.read(environ)).ids


def test_a_keyring_is_not_created_nowhere() -> None:
    with pytest.raises(KeyRingError, match="PIPELINE_EXAMPLES_KEYS_FILE: not set"):
        KeyRing.create(ExamplesKeys.read({}))
