"""Plans know the classes that they name, and no store, no run and no Airflow."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pipeline.plans

FOLDER = Path(pipeline.plans.__file__).parent
MAY_IMPORT = {"adapters", "components", "datasets", "datetimes", "errors", "examples", "models", "plans"}


def list_imports(path: Path) -> Iterator[str]:
    """Yield the rooms of the product that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        yield from (module.split(".")[1] for module in modules if module.startswith("pipeline."))


def test_plans_import_only_rooms_below_them() -> None:
    found = {room for path in FOLDER.rglob("*.py") for room in list_imports(path)}

    assert {"components", "examples"} < found
    assert found <= MAY_IMPORT


def test_expanding_a_plan_loads_no_database_driver() -> None:
    code = "import json, sys, pipeline.plans; print(json.dumps([*sys.modules]))"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout

    loaded = set(json.loads(printed))
    assert "pipeline.plans.space" in loaded
    assert not {"psycopg", "airflow", "pipeline.stores", "pipeline.runs"} & loaded
