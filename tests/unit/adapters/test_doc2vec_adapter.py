"""`Doc2VecAdapter`: how texts are inferred, and its document."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus import UNKNOWN_TEXTS, make_examples
from pipeline.adapters.doc2vec_adapter import Doc2VecAdapter
from pipeline.errors import DocumentError, OptionError
from pipeline.serialisation.json_document import read_json, write_json

TEXTS = make_examples().texts
LARGEST = 1e9

both_ways = pytest.mark.parametrize("dm", [0, 1])


def make_adapter(**options: Any) -> Doc2VecAdapter:
    return Doc2VecAdapter(**({"vector_size": 4} | options)).fit(TEXTS)


def make_document(learnt: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    document = make_adapter(**options).to_dict()
    return document | {"learnt": document["learnt"] | (learnt or {})}


def test_texts_of_one_class_are_closer_than_those_of_others() -> None:
    examples = make_examples(200, classes=2)
    adapter = Doc2VecAdapter(vector_size=16, epochs=40).fit(examples.texts)

    features = adapter.transform(make_examples(40, classes=2, seed=1).texts)

    features -= features.mean(axis=0)
    likeness = features @ features.T
    assert likeness[::2, ::2].min() > 0 > likeness[::2, 1::2].max()


@both_ways
def test_a_vector_is_of_its_own_text_whatever_was_asked_before(dm: int) -> None:
    adapter = make_adapter(dm=dm)

    alone = [adapter.transform([text])[0] for text in reversed(TEXTS)]

    assert np.array_equal(adapter.transform(TEXTS), alone[::-1])


@both_ways
def test_no_known_word_is_skipped_however_frequent(dm: int) -> None:
    adapter = make_adapter(dm=dm, epochs=1, sample=1e-3)

    assert adapter.transform(adapter.terms).any(axis=1).all()


@both_ways
def test_unknown_words_change_nothing(dm: int) -> None:
    adapter = make_adapter(dm=dm)

    assert not adapter.transform(UNKNOWN_TEXTS).any()
    assert np.array_equal(adapter.transform(["aword0 unheard shared1"]), adapter.transform(["aword0 shared1"]))


@both_ways
def test_another_process_infers_the_same_whatever_its_hashes(dm: int, tmp_path: Path) -> None:
    adapter = make_adapter(dm=dm)
    (tmp_path / "document").write_text(write_json(adapter.to_dict()), encoding="utf-8")
    program = (
        "import sys, pathlib\n"
        "from pipeline.adapters.doc2vec_adapter import Doc2VecAdapter\n"
        "from pipeline.serialisation.json_document import read_json\n"
        "loaded = Doc2VecAdapter.from_dict(read_json(pathlib.Path(sys.argv[1]).read_text(encoding='utf-8')))\n"
        "sys.stdout.write(loaded.transform(['aword0 shared1 bword2 shared3']).tobytes().hex())\n"
    )

    found = {
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "document")],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert found == {adapter.transform(["aword0 shared1 bword2 shared3"]).tobytes().hex()}


def test_the_window_counts_for_distributed_memory_only() -> None:
    near, far = (make_adapter(window=window).transform(TEXTS) for window in (1, 9))
    memory_near, memory_far = (make_adapter(window=window, dm=1).transform(TEXTS) for window in (1, 9))

    assert np.array_equal(near, far)
    assert not np.array_equal(memory_near, memory_far)


@pytest.mark.parametrize(("dm", "parts"), [(0, 3), (1, 4)])
def test_words_vectors_are_kept_only_where_they_are_read(dm: int, parts: int) -> None:
    assert list(make_document(dm=dm)["learnt"]) == ["words", "counts", "hidden", "vectors"][:parts]


def test_another_seed_gives_other_vectors() -> None:
    first, second = (Doc2VecAdapter().fit(TEXTS, seed).transform(TEXTS) for seed in (1, 2))

    assert not np.array_equal(first, second)


def test_counts_below_min_count_leave_every_word_in_its_row() -> None:
    document = make_document({"counts": np.ones(20, dtype=np.int64)}, min_count=2)

    loaded = Doc2VecAdapter.from_dict(document)

    assert np.array_equal(loaded.get_learnt()["hidden"], document["learnt"]["hidden"])
    assert list(loaded.terms) == document["learnt"]["words"]


@both_ways
def test_the_largest_numbers_that_are_allowed_do_not_overflow(dm: int) -> None:
    weights = np.full((20, 4), LARGEST, dtype=np.float32)
    learnt = {"hidden": weights, "counts": np.full(20, 2**40)} | ({"vectors": -weights} if dm else {})

    loaded = Doc2VecAdapter.from_dict(make_document(learnt, dm=dm, epochs=50))

    assert np.isfinite(loaded.transform(["shared1 aword0 " * 6_000])).all()


@both_ways
def test_read_only_arrays_in_another_order_are_taken_too(dm: int) -> None:
    document = make_document(dm=dm)
    wanted = Doc2VecAdapter.from_dict(read_json(write_json(document))).transform(TEXTS)
    for name in ("hidden", "vectors")[: dm + 1]:
        document["learnt"][name] = np.asfortranarray(document["learnt"][name])
        document["learnt"][name].flags.writeable = False

    assert np.array_equal(Doc2VecAdapter.from_dict(document).transform(TEXTS), wanted)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("words", ["a"] * 20),
        ("words", []),
        ("counts", np.ones(19, dtype=np.int64)),
        ("counts", np.zeros(20, dtype=np.int64)),
        ("counts", np.full(20, 2**40 + 1)),
        ("counts", np.ones(20)),
        ("hidden", np.zeros((19, 4), dtype=np.float32)),
        ("hidden", np.zeros((20, 3), dtype=np.float32)),
        ("hidden", np.zeros((20, 4))),
        ("hidden", np.full((20, 4), np.nan, dtype=np.float32)),
        ("hidden", np.full((20, 4), 1e30, dtype=np.float32)),
        ("vectors", np.zeros((1, 4), dtype=np.float32)),
        ("vectors", np.full((20, 4), np.inf, dtype=np.float32)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_document_that_training_never_gives_is_refused(part: str, value: Any) -> None:
    with pytest.raises(DocumentError, match=r"adapter\.learnt\."):
        Doc2VecAdapter.from_dict(make_document({part: value}, dm=1))


@both_ways
def test_options_under_which_a_word_takes_too_long_are_refused(dm: int) -> None:
    slow = {"dm": dm, "epochs": 1_000, "vector_size": 1_000, "negative": 100}

    with pytest.raises(OptionError, match=r"multiplications, epochs × vector_size.*at most 4,194,304"):
        Doc2VecAdapter(**slow)
    document = make_adapter(dm=dm, vector_size=100).to_dict()
    document["options"] |= {"epochs": 1_000, "negative": 100}
    with pytest.raises(DocumentError, match=r"adapter\.options: each word of a text would take [\d,]+ multiplications"):
        Doc2VecAdapter.from_dict(document)


@both_ways
def test_vectors_of_any_size_are_inferred_in_memory_that_is_held(dm: int) -> None:
    adapter = make_adapter(dm=dm, vector_size=1_500, negative=20, epochs=3)

    features = [adapter.transform(TEXTS) for _ in range(3)]

    assert np.isfinite(features[0]).all()
    assert np.array_equal(features[0], features[1])
    assert np.array_equal(features[0], features[2])
