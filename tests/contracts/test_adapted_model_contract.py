"""What holds for every adapter together with every model, and between processes."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.other_process import ask, train_pairs
from corpus import list_pairs
from pipeline.adapters import adapters
from pipeline.models import models
from pipeline.serialisation.document import ENCODINGS, read_document
from pipeline.serialisation.json_document import write_json
from pipeline.training.adapted_model import AdaptedModel

SCRIPT = Path(__file__).with_name("other_process.py")


def run_elsewhere(*arguments: str, hash_seed: int = 0) -> Any:
    """Run the script in a fresh process and return what it printed."""
    path = os.pathsep.join([str(SCRIPT.parents[1]), *sys.path])
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": path}
    command = [sys.executable, str(SCRIPT), *arguments]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_every_class_goes_together_with_another() -> None:
    paired = {component for pair in list_pairs() for component in pair}

    assert paired == {*adapters.classes.values(), *models.classes.values()}


@pytest.mark.parametrize("adapter", adapters.classes)
def test_every_pair_is_one_document_that_answers_the_same_in_another_process(
    adapter: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    trained = train_pairs(adapter)
    documents = {
        (name, encoding): adapted.to_document(encoding) for name, adapted in trained.items() for encoding in ENCODINGS
    }
    for (name, encoding), document in documents.items():
        (tmp_path / f"{name}.{encoding}").write_bytes(document)
        record_property(f"{adapter}-{name}-{encoding}-bytes", len(document))

    there = run_elsewhere("pairs", str(tmp_path), adapter, hash_seed=1)

    assert len(trained) >= 2 * len([model for model in models.classes.values() if model.takes_negative])
    assert there.keys() == trained.keys()
    for name, adapted in trained.items():
        answers = ask(adapted)
        for encoding in ENCODINGS:
            digest = hashlib.sha256(documents[name, encoding]).hexdigest()
            assert there[name][encoding] == {"digest": digest, "answers": answers}, (name, encoding)


def refuse_constant(name: str) -> None:
    pytest.fail(f"found {name}")


@pytest.mark.parametrize("adapter", adapters.classes)
def test_every_pairs_documents_are_one_tree_of_plain_json(adapter: str) -> None:
    for adapted in train_pairs(adapter).values():
        text, data = adapted.to_json(), adapted.to_document("binary")

        tree = json.loads(text, parse_constant=refuse_constant)

        assert list(tree) == ["format", "adapter_type", "model_type", "adapter", "model", "canary"]
        assert (tree["adapter_type"], tree["model_type"]) == (adapted.adapter.name, adapted.model.name)
        assert list(tree["adapter"]) == ["version", "libraries", "tokeniser", "options", "learnt"]
        assert list(tree["model"]) == ["version", "libraries", "options", "learnt"]
        assert write_json(read_document(data)) == text
        assert AdaptedModel.from_document(data).to_document("binary") == data


def test_the_same_examples_give_the_same_documents_whatever_the_hash_seed() -> None:
    here, there = run_elsewhere("digests", hash_seed=1), run_elsewhere("digests", hash_seed=2)

    assert here == there
    assert len(here) >= len(adapters.classes) + len(models.classes)
