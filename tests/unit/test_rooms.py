"""Which room of the product may import which: no arrow runs back up."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline

ROOT = Path(pipeline.__file__).parent
GROUND = ("errors", "visible", "datetimes", "clock", "environment", "threads", "log", "lazy", "extras", "variables")

FLOORS: list[dict[str, str]] = [
    {
        "components": "What datasets, adapters and models are as classes; imports the ground floor.",
        "web": "What web applications have in common: errors and limits; imports the ground floor.",
    },
    {
        "examples": "Labelled texts as values, and their encryption; imports the ground floor, and no store.",
    },
    {
        "serialisation": "Documents; imports components, and knows no adapter and no model.",
    },
    {
        "datasets": "Pick and split examples; import components and examples.",
        "adapters": "Turn texts into features; import components, examples and serialisation.",
        "models": "Classify features; import components and serialisation.",
        "search": "Which definitions are tried with how much, and which go on; imports components.",
    },
    {
        "plans": "From a plan to its definitions; imports datasets, adapters and models, and no store.",
    },
    {
        "stores": "All SQL; imports what it stores and fetches: examples, documents, definitions.",
    },
    {
        "cache": "What trainings have in common; imports stores for its locks.",
    },
    {
        "training": "From a definition to a trained model; imports the cache and the examples database.",
        "loading": "From files to the examples database; imports stores.",
        "notifications": "The queues; import stores.",
        "airflow_client": "Airflow's REST API; imports plans for what Airflow says is wrong in one.",
    },
    {
        "runs": "What tasks and commands do to a run, a file a verb; imports everything below.",
        "classifying": "From a file of texts to a file with their classes; imports training, and loading's readers.",
    },
    {
        "deployment": "Everything on one machine; imports runs and what a deployment consists of.",
        "registry": "The web application over stored models; imports stores, training, and of runs outlines of plans.",
        "service": "Answers with stored models; imports training, the queues, and of stores what reads.",
        "reference": "The options reference; imports plans and the three families.",
    },
    {
        "cli": "The command line; imports everything.",
    },
]


def find_imports(path: Path) -> Iterator[str]:
    """Yield the rooms that a module imports from, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = node.module == "pipeline"
            modules = [f"pipeline.{alias.name}" for alias in node.names] if whole else [node.module]
        yield from (module.split(".")[1] for module in modules if module.startswith("pipeline."))


def list_rooms() -> dict[str, list[Path]]:
    """Return the modules of each room: a folder, or a file of the ground floor."""
    rooms: dict[str, list[Path]] = {}
    for path in ROOT.rglob("*.py"):
        room = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if room not in ("__init__", "__main__"):
            rooms.setdefault(room, []).append(path)
    return rooms


def test_every_room_has_its_floor() -> None:
    assert {*GROUND, *(room for floor in FLOORS for room in floor)} == set(list_rooms())


@pytest.mark.parametrize("room", [room for floor in FLOORS for room in floor])
def test_a_room_imports_from_the_floors_below_it_alone(room: str) -> None:
    height = next(height for height, floor in enumerate(FLOORS) if room in floor)
    below = {*GROUND, room, *(other for floor in FLOORS[:height] for other in floor)}

    found = {
        f"{path.relative_to(ROOT)} imports {other}"
        for path in list_rooms()[room]
        for other in find_imports(path)
        if other not in below
    }

    assert not found


@pytest.mark.parametrize("room", GROUND)
def test_the_ground_floor_imports_from_itself_alone(room: str) -> None:
    assert {other for path in list_rooms()[room] for other in find_imports(path)} <= set(GROUND)


def test_only_the_seam_imports_airflow() -> None:
    for path in ROOT.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        assert not any(name.split(".")[0] == "airflow" for name in names), path


def test_a_training_loads_nothing_of_what_people_and_programs_talk_to() -> None:
    script = "import sys, pipeline.training.train, pipeline.runs.train; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    for room in ("deployment", "cli", "registry", "reference", "loading"):
        assert f"pipeline.{room}" not in loaded


def test_expanding_a_plan_loads_no_database_driver() -> None:
    script = "import sys, pipeline.plans; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert "pipeline.plans.space" in loaded
    assert not {"psycopg", "airflow", "pipeline.stores", "pipeline.runs"} & {*loaded}
