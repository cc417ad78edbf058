"""Examples are forgotten with the models that may have learnt from them, also if that is interrupted."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from factories import make_evaluation, make_expansion
from integration.runs.world import DEFINITIONS, World, make_world
from pipeline.errors import PipelineError
from pipeline.runs.forget import forget
from pipeline.stores.author import Author
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.evaluations import EvaluationsStore
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.read import read_document
from pipeline.stores.models.removal import TABLES, RemovalStore

FORGET = ("examples", "forget", "post-0", "post-1", "--why", "request of 3 May", "--and-models", "--yes")
DELETE_MODELS = ("models", "delete", *(each.label for each in DEFINITIONS), "--why", "wrong", "--yes")
DELETE_EXAMPLES = ("examples", "delete", "--id", "post-0", "--id", "post-1", "--why", "wrong", "--yes")
POINTS = 10
AUTHOR = Author("jo", "a test")


@pytest.fixture(scope="module")
def prepared(
    postgres_server: str, examples_template: str, models_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    templates = {"examples": examples_template, "models": models_template}
    with make_world(postgres_server, templates, tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture
def world(prepared: World) -> Iterator[World]:
    with prepared.copy() as copied:
        yield copied


def is_forgotten(world: World) -> bool:
    """Return whether neither an example nor a model nor a byte of the marked ones is left, and all others are."""
    examples = world.ask("examples", "SELECT count(*) FROM examples")
    rows = [world.ask("models", f"SELECT count(*) FROM {table}") for table in TABLES]  # noqa: S608
    return examples == [(38,)] and rows == [[(0,)]] * len(TABLES) and world.count_marked_files() == 0


def has_no_model(world: World) -> bool:
    """Return whether no model, and no byte of the marked word that they had learnt, is left."""
    return world.ask("models", "SELECT count(*) FROM models") == [(0,)] and world.count_marked_files() == 0


def has_no_dead_example(world: World) -> bool:
    """Return whether the two examples are gone, and no dead row of them is left in the table."""
    left = world.ask("examples", "SELECT count(*), pg_relation_size('examples') FROM examples")
    world.ask("examples", "VACUUM (FULL) examples")
    return left == world.ask("examples", "SELECT count(*), pg_relation_size('examples') FROM examples") and (
        left[0][0] == 38
    )


def test_the_search_finds_the_marked_word_before(world: World) -> None:
    assert world.count_marked_files() > 0


def test_examples_are_forgotten_with_their_models(world: World) -> None:
    done = world.run(*FORGET)

    assert is_forgotten(world)
    assert "2 models trained or tested on examples of that time:" in done.stdout
    assert done.stdout.endswith("2 examples of default deleted.\n2 models deleted.\n")


def test_without_the_option_models_are_listed_and_stay(world: World) -> None:
    told = json.loads(world.run(*(each for each in FORGET if each != "--and-models"), "--json").stdout)

    assert told["examples"] == 2
    assert told["deleted_models"] == []
    assert [model["label"] for model in told["kept_models"]] == sorted(each.label for each in DEFINITIONS)
    assert world.ask("models", "SELECT count(*) FROM models") == [(2,)]


@pytest.mark.parametrize(
    ("command", "is_complete"),
    [(FORGET, is_forgotten), (DELETE_MODELS, has_no_model), (DELETE_EXAMPLES, has_no_dead_example)],
    ids=["forget", "models delete", "examples delete"],
)
def test_interrupted_anywhere_it_ends_complete_when_it_is_run_again(
    prepared: World, command: tuple[str, ...], is_complete: Callable[[World], bool]
) -> None:
    with prepared.copy() as world:
        statements = int(world.run(*command).stderr.splitlines()[-1])
    assert statements > POINTS
    for point in range(POINTS):
        with prepared.copy() as world:
            world.run(*command, kill_at=1 + point * (statements - 1) // (POINTS - 1))

            models = world.ask("models", "SELECT label, version FROM models")
            for label, version in models:  # each is whole, or gone
                read_document(world.connections.models_db, str(label), int(str(version)))
            assert len(models) in (0, 2)
            world.run(*command)
            assert is_complete(world), point


def test_a_model_of_another_time_or_collection_is_not_meant(world: World) -> None:
    removal = RemovalStore(world.connections.models_db)

    def count(collection: str, *moments: datetime) -> int:
        return len(removal.list_trained_on(collection, moments))

    assert count("default", datetime(2016, 1, 1, tzinfo=UTC)) == 2
    assert count("default", datetime(2016, 1, 2, 15, tzinfo=UTC)) == 2  # the last testing example
    assert count("default", datetime(2016, 1, 2, 16, tzinfo=UTC), datetime(2015, 12, 31, tzinfo=UTC)) == 0
    assert count("other", datetime(2016, 1, 1, tzinfo=UTC)) == 0


def test_an_alias_or_an_open_run_refuses_it_and_nothing_is_deleted(world: World) -> None:
    connections = world.connections
    moments = [datetime(2016, 1, 1, tzinfo=UTC)]
    AliasesStore(connections.models_db).move("champion", DEFINITIONS[0].label, "ann", "best")
    when = {"digest": "d", "count": 2, "first": "2016-01-01T00:00:00+00:00", "last": "2016-01-02T00:00:00+00:00"}
    EvaluationsStore(connections.models_db).save(make_evaluation(DEFINITIONS[0].label, examples=when))

    def attempt(*, and_aliases: bool) -> None:
        forget(connections, "default", [], moments, AUTHOR, and_models=True, and_aliases=and_aliases)

    with pytest.raises(PipelineError, match="@champion points at"):
        attempt(and_aliases=False)
    Ledger(connections.models_db).open_run("run-2", {}, make_expansion(DEFINITIONS[0]))
    with pytest.raises(PipelineError, match="run-2 may be training on them; wait until no run is open"):
        attempt(and_aliases=True)
    assert world.ask("models", "SELECT count(*) FROM models") == [(2,)]
    assert world.ask("models", "SELECT count(*) FROM evaluations") == [(1,)]

    Ledger(connections.models_db).close_run("run-2")
    attempt(and_aliases=True)
    assert world.ask("models", "SELECT count(*) FROM models") == [(0,)]
    assert AliasesStore(connections.models_db).list_aliases() == []


def test_without_an_id_it_says_what_to_do(tmp_path: Path, world: World) -> None:
    (tmp_path / "empty.txt").write_text("\n", encoding="utf-8")
    done = json.loads(world.run(*FORGET[:2], "--ids", str(tmp_path / "empty.txt"), *FORGET[4:], "--json").stdout)

    assert done["examples"] == 0
