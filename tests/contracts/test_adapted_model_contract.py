"""What holds for every adapter together with every model, and between processes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.other_process import classify_with
from corpus import list_pairs, make_examples, make_options
from pipeline.adapters import adapters
from pipeline.models import models
from pipeline.training.adapted_model import AdaptedModel

SCRIPT = Path(__file__).with_name("other_process.py")


def run_elsewhere(*arguments: str, hash_seed: int = 0) -> Any:
    """Run the script in a fresh process and return what it printed."""
    path = os.pathsep.join([str(SCRIPT.parents[1]), *sys.path])
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": path}
    command = [sys.executable, str(SCRIPT), *arguments]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def trained() -> list[AdaptedModel]:
    """Return every pair that goes together, trained on two and on three classes."""
    return [
        AdaptedModel(adapter(**make_options(adapter)), model(**make_options(model))).fit(make_examples(classes=classes))
        for adapter, model in list_pairs()
        for classes in (2, 3)
    ]


def test_every_class_goes_together_with_another() -> None:
    paired = {component for pair in list_pairs() for component in pair}

    assert paired == {*adapters.classes.values(), *models.classes.values()}


def test_documents_classify_the_same_in_another_process(trained: list[AdaptedModel], tmp_path: Path) -> None:
    documents = [adapted.to_json() for adapted in trained]
    file = tmp_path / "documents.json"
    file.write_text(json.dumps(documents))

    assert run_elsewhere("classify", str(file), hash_seed=1) == classify_with(documents)


def test_what_is_read_back_writes_the_same_document(trained: list[AdaptedModel]) -> None:
    for adapted in trained:
        document = adapted.to_json()

        loaded = AdaptedModel.from_json(document)

        assert loaded.to_json() == document
        assert loaded.classify(make_examples(seed=1)) == adapted.classify(make_examples(seed=1))


def test_documents_are_plain_json_with_four_keys(trained: list[AdaptedModel]) -> None:
    for adapted in trained:
        tree = json.loads(adapted.to_json(), parse_constant=lambda name: pytest.fail(f"found {name}"))

        assert list(tree) == ["adapter_type", "model_type", "adapter", "model"]
        assert tree["adapter_type"] == adapted.adapter.name
        assert tree["model_type"] == adapted.model.name


def test_the_same_examples_give_the_same_documents_whatever_the_hash_seed() -> None:
    here, there = run_elsewhere("digests", hash_seed=1), run_elsewhere("digests", hash_seed=2)

    assert here == there
    assert len(here) >= len(adapters.classes) + len(models.classes)
