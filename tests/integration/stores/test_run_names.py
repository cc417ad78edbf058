"""What runs are called in the ledger: written with the run, changed at any time, and found by it."""

import pytest

from factories import make_definition, make_expansion
from pipeline.errors import NotFoundError
from pipeline.plans.settings import Settings
from pipeline.stores.database import Database
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.run_names import count_tags, describe_run, list_tagged

CALLED = Settings(name="Spam", note="without the demo", tags=["baseline", "spam"])


def open_run(models_db: Database, run_id: str, settings: Settings = CALLED, *, again: bool = True) -> list[str]:
    """Open a run of one definition."""
    return Ledger(models_db).open_run(run_id, {}, make_expansion(make_definition(), settings=settings), again=again)


def called(models_db: Database, run_id: str) -> tuple[str | None, str | None, list[str]]:
    """Return a run's name, note and tags."""
    run = Ledger(models_db).get_run(run_id)
    return run["name"], run["note"], run["tags"]


def test_a_run_is_called_as_its_plan_says_until_somebody_changes_that(models_db: Database) -> None:
    open_run(models_db, "run-1")
    assert called(models_db, "run-1") == ("Spam", "without the demo", ["baseline", "spam"])

    changed = describe_run(models_db, "run-1", {"name": None, "tags": ["old"]})
    open_run(models_db, "run-1")  # as when its first task is cleared

    assert changed == {"name": None, "note": "without the demo", "tags": ["old"]}
    assert called(models_db, "run-1") == (None, "without the demo", ["old"])


def test_a_run_that_nobody_calls_anything_has_its_id(models_db: Database) -> None:
    open_run(models_db, "run-1", Settings())

    assert called(models_db, "run-1") == (None, None, [])
    assert describe_run(models_db, "run-1", {}) == {"name": None, "note": None, "tags": []}


def test_an_unknown_run_cannot_be_called_anything(models_db: Database) -> None:
    with pytest.raises(NotFoundError, match="there is no run 'run-9'"):
        describe_run(models_db, "run-9", {"name": "x"})


def test_runs_are_found_by_tag_and_by_what_they_are_called(models_db: Database) -> None:
    open_run(models_db, "run-1")
    open_run(models_db, "run-2", Settings(name="Ham", tags=["spam"]))
    open_run(models_db, "run-3", Settings())
    ledger = Ledger(models_db)

    def find(**wanted: str) -> list[str]:
        found = [run["run_id"] for run in ledger.list_runs(**wanted)]  # type: ignore[arg-type]
        assert ledger.count_runs(**wanted) == len(found)
        return sorted(found)

    assert find() == ["run-1", "run-2", "run-3"]
    assert find(tag="spam") == ["run-1", "run-2"]
    assert find(tag="spa") == []
    assert find(text="HAM") == ["run-2"]
    assert find(text="the demo") == ["run-1"]
    assert find(text="N-3") == ["run-3"]
    assert find(text="%") == []
    assert find(tag="spam", text="ham") == ["run-2"]
    assert count_tags(models_db) == {"baseline": 1, "spam": 2}
    assert sorted(list_tagged(models_db, ["baseline", "none"])) == ["run-1"]


def test_a_run_that_is_written_already_stays_as_it_is_unless_it_is_opened_again(models_db: Database) -> None:
    (label,) = open_run(models_db, "run-1", again=False)
    ledger = Ledger(models_db)
    ledger.begin_training("run-1", label, map_index=0)
    before = ledger.get_run("run-1")

    assert open_run(models_db, "run-1", Settings(name="other"), again=False) == []
    assert ledger.get_run("run-1") == before
    assert [row["map_index"] for row in ledger.list_definitions("run-1")] == [0]
