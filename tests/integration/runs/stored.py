"""Models that are trained and stored, and examples that change afterwards."""

from typing import Any

from factories import make_definition, make_expansion
from pipeline.examples.criteria import Criteria
from pipeline.plans import Definition
from pipeline.plans.settings import Settings
from pipeline.runs.connections import Connections
from pipeline.runs.train import train
from pipeline.stores.author import Author
from pipeline.stores.examples.change import Chosen
from pipeline.stores.examples.store import ExamplesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.training.lineage import TaskRun

AUTHOR = Author("jo", "wrong label")


def make_recipe(**sections: dict[str, Any]) -> Definition:
    """Return a small definition; a section that is given replaces its own."""
    return Definition.from_dict(make_definition().to_dict() | sections)


def train_one(connections: Connections, definition: Definition, run_id: str = "run-1", **settings: Any) -> str:
    """Train a definition in a run and return its label."""
    expansion = make_expansion(definition, settings=Settings(**settings))
    Ledger(connections.models_db).open_run(run_id, {}, expansion)
    train(definition.label, TaskRun(run_id), connections)
    return definition.label


def change_examples(connections: Connections, kind: str, count: int, *, newest: bool = False) -> None:
    """Correct or delete the oldest examples, or the newest."""
    examples = ExamplesStore(connections.examples_db, connections.keyring)
    found = [Chosen(each.id, each.digest) for each in examples.find(Criteria("default"))]
    chosen = found[-count:] if newest else found[:count]
    if kind == "corrected":
        examples.correct("default", chosen, "another class", AUTHOR)
    else:
        examples.delete("default", chosen, AUTHOR)
