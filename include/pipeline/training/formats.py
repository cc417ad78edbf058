"""The formats of documents, and how older ones are converted to the newest."""

from typing import Any

import numpy as np

from pipeline.adapters import adapters
from pipeline.adapters.characters import FIRST
from pipeline.adapters.union_parts import UNION
from pipeline.components import Component
from pipeline.models import models
from pipeline.serialisation.containers import Record, check_keys
from pipeline.serialisation.schema import Anything, Integer, Text, audit, refuse

FORMAT = 3
"""The format that is written. Format 2 did not name the tokeniser. Format 1 also had no versions and no canary, and its
options were next to what was learnt."""


def upgrade(document: Any) -> dict[str, Any]:
    """Return a document of any format in the newest format; its adapter and model are not audited yet.

    Args:
        document: the tree of a document; it is not changed.

    Raises:
        DocumentError: this is not a document, or has a format that this release does not know.
    """
    if isinstance(document, dict) and "format" not in document:
        return _upgrade_2(_upgrade_1(document))
    if isinstance(document, dict):
        Integer().check(document["format"], "format", {})
        if document["format"] not in (2, FORMAT):
            refuse("format", str(document["format"]), f"1 to {FORMAT}: a newer release wrote this")
    check_keys(document, ("format", "adapter_type", "model_type", "adapter", "model", "canary"), "")
    upgraded: dict[str, Any] = document
    return upgraded if upgraded["format"] == FORMAT else _upgrade_2(upgraded)


def _upgrade_2(document: dict[str, Any]) -> dict[str, Any]:
    adapter = _add_first_tokeniser(document["adapter"], "adapter")
    if document["adapter_type"] == UNION and isinstance(learnt := adapter.get("learnt"), dict):
        parts = learnt.get("parts")
        if isinstance(parts, list):
            adapter["learnt"] = learnt | {"parts": [_upgrade_part(*each) for each in enumerate(parts)]}
    return document | {"format": FORMAT, "adapter": adapter}


def _upgrade_part(number: int, part: Any) -> Any:
    path = f"adapter.learnt.parts[{number}].adapter"
    if not isinstance(part, dict) or "adapter" not in part:
        return part
    return part | {"adapter": _add_first_tokeniser(part["adapter"], path)}


def _add_first_tokeniser(adapter: Any, path: str) -> dict[str, Any]:
    """Return the document of an adapter that was written when there was only one tokeniser, with that tokeniser."""
    if not isinstance(adapter, dict):
        refuse(path, "no object", "an object")
    if "tokeniser" in adapter:
        refuse(path, "the unknown key 'tokeniser'", f"documents of format {FORMAT} have it")
    return adapter | {"tokeniser": FIRST}


def _upgrade_1(document: dict[str, Any]) -> dict[str, Any]:
    parts = {
        "adapter_type": Text(tuple(adapters.classes)),
        "model_type": Text(tuple(models.classes)),
        "adapter": Anything(),
        "model": Anything(),
    }
    audit(document, Record(parts))
    model = _separate(document["model"], models[document["model_type"]], "model")
    rows = [model["learnt"].get(name) for name in ("coef", "feature_log_prob", "support_vectors")]
    model["learnt"]["width"] = next(
        (each.shape[-1] for each in rows if isinstance(each, np.ndarray) and each.ndim), None
    )
    return document | {
        "format": 2,
        "adapter": _separate(document["adapter"], adapters[document["adapter_type"]], "adapter"),
        "model": model,
        "canary": {"texts": [], "answers": []},
    }


def _separate(flat: Any, component: type[Component], path: str) -> dict[str, Any]:
    """Return the document of a component with its options separate from what was learnt."""
    if not isinstance(flat, dict):
        refuse(path, "no object", "an object")
    known = component.Options.model_fields
    options = {name: value for name, value in flat.items() if name in known}
    learnt = {name: value for name, value in flat.items() if name not in known}
    return {"version": 1, "libraries": {}, "options": options, "learnt": learnt}
