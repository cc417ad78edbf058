"""What an installation that only answers has to do, as a program: `answering.py DOCUMENTS [REFUSED ...]`.

It loads every document in a folder and classifies with it, in an interpreter that finds none of the refused packages.
It prints, as JSON, the documents that answer otherwise than they did, how many documents there are, and which modules
were imported.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Refusing:
    """Finds no module of some packages, as if they were not installed."""

    def __init__(self, packages: set[str]) -> None:
        self.packages = packages

    def find_spec(self, name: str, *_: object) -> None:
        """Raise the error of a missing module for a refused one; leave the others to Python's own finders."""
        if name.partition(".")[0] in self.packages:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def refuse(*packages: str) -> None:
    """Let this interpreter find none of these packages from now on."""
    sys.meta_path.insert(0, Refusing({*packages}))


def list_documents(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield every document, with the texts and the answers that it gave when it was written."""
    for told in sorted(folder.glob("format_*/*.answers.json")):
        for path in told.parent.glob(f"{told.name.removesuffix('.answers.json')}.[jb]*"):
            yield path, json.loads(told.read_text(encoding="utf-8"))


def main() -> None:
    """Do what the module's description says."""
    refuse(*sys.argv[2:])
    from pipeline.training.adapted_model import AdaptedModel

    differing, count = [], 0
    for path, told in list_documents(Path(sys.argv[1])):
        count += 1
        if AdaptedModel.from_document(path.read_bytes()).classify(told["texts"]) != told["answers"]:
            differing.append(f"{path.parent.name}/{path.name}")
    print(json.dumps({"differing": differing, "documents": count, "imported": sorted(sys.modules)}))  # noqa: T201


if __name__ == "__main__":
    main()
