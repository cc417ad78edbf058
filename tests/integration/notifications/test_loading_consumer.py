"""The consumer in the docs that loads the model, as it stands there, on either broker."""

import os
import subprocess
import sys
from pathlib import Path

from markdown_it import MarkdownIt

from factories import make_definition, make_expansion
from integration.january import load_january
from pipeline.environment import ExamplesKeys
from pipeline.examples.keyring import KeyRing
from pipeline.notifications.queue import open_queue
from pipeline.runs.announce import announce_model, announce_moves
from pipeline.runs.connections import Connections
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.training.lineage import TaskRun

PAGE = Path(__file__).parents[3] / "docs/notifications.md"
CODES = [token.content for token in MarkdownIt().parse(PAGE.read_text(encoding="utf-8")) if token.info == "python"]
DEFINITION = make_definition()


def test_it_answers_a_text_with_the_model_that_was_announced(
    examples_db: Database,
    models_db: Database,
    examples_url: str,
    models_url: str,
    broker: str,
    prefix: str,
    tmp_path: Path,
) -> None:
    keyring = KeyRing.generate()
    load_january(examples_db, keyring)
    Ledger(models_db).open_run("run-1", {}, make_expansion(DEFINITION))
    connections = Connections(examples_db, models_db, broker, ExamplesKeys(inline=keyring.to_text()))
    with open_queue(broker) as queue:
        queue.subscribe("audit")
    train(DEFINITION.label, TaskRun("run-1"), connections)
    assert announce_model("run-1", DEFINITION.label, connections)
    AliasesStore(models_db).move("champion", DEFINITION.label, "ann", "the first")
    assert announce_moves(models_db, broker) == 1
    (code,) = [each for each in CODES if "get_document" in each]
    script = tmp_path / "loader.py"
    script.write_text(
        f"from pipeline.notifications import names\nnames.PREFIX = {prefix!r}\n"
        + code.replace("timeout_seconds=10", "timeout_seconds=1"),
        encoding="utf-8",
    )
    environ = {
        "AIRFLOW_CONN_EXAMPLES_DB": examples_url,
        "AIRFLOW_CONN_MODELS_DB": models_url,
        "AIRFLOW_CONN_NOTIFICATIONS": broker,
    }

    done = subprocess.run(
        [sys.executable, str(script), "audit", "iron and zinc"],
        env=os.environ | environ, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{DEFINITION.label} 1 metal\n"
    with open_queue(broker) as queue:
        assert queue.count_ready_of("audit") == queue.count_ready_of("dead") == 0
