"""`pipeline notifications …` on each broker."""

import json

import pytest
from typer.testing import CliRunner, Result

from factories import make_definition, make_expansion, make_trained_model
from integration.notifications.brokers import publish, publish_raw, take_labels
from pipeline.cli import notifications as commands
from pipeline.errors import PipelineError
from pipeline.notifications import names
from pipeline.runs.announce import notify
from pipeline.runs.connections import Connections
from pipeline.stores.database import Database
from pipeline.stores.models.aliases import AliasesStore
from pipeline.stores.models.ledger import Ledger
from pipeline.stores.models.notifications import NotificationsStore
from pipeline.stores.models.store import ModelsStore

DEFINITION = make_definition()


@pytest.fixture(autouse=True)
def connections(models_db: Database, broker: str, monkeypatch: pytest.MonkeyPatch) -> Connections:
    """The commands' connections: a models database and a broker."""
    made = Connections(models_db, models_db, broker)
    monkeypatch.setattr(commands, "connections", lambda: made)
    monkeypatch.setattr(commands, "notifications_store", lambda: NotificationsStore(models_db))
    return made


def run(*arguments: str, answer: str | None = None) -> Result:
    """Run a command that succeeds."""
    done = CliRunner().invoke(commands.app, arguments, input=answer)
    assert done.exit_code == 0, done.output + repr(done.exception)
    return done


def refuse(*arguments: str) -> str:
    """Run a command that is refused and return the sentence."""
    done = CliRunner().invoke(commands.app, arguments)
    assert isinstance(done.exception, PipelineError)
    return str(done.exception)


def test_a_consumer_subscribes_reads_and_unsubscribes(broker: str) -> None:
    assert "audit is subscribed; 0 messages on its queue." in run("subscribe", "audit").output
    publish(broker, "a", "b")

    assert "2 messages on its queue" in run("subscribe", "audit").output
    read = run("consume", "--queue", "audit", "--limit", "1", "--timeout", "0.2").output
    assert [json.loads(line)["label"] for line in read.splitlines()] == ["a"]
    assert {row["queue"]: row["ready"] for row in json.loads(run("queues", "audit", "--json").output)} == {
        names.queue_name(): 2,
        names.queue_name("audit"): 1,
        names.queue_name("dead"): 0,
    }
    assert "1 message deleted" in run("unsubscribe", "audit", "--yes").output
    assert "audit" not in run("queues", "audit").output


def test_unsubscribing_asks_and_a_no_keeps_the_queue(broker: str) -> None:
    run("subscribe", "audit")
    publish(broker, "a")

    refused = CliRunner().invoke(commands.app, ["unsubscribe", "audit"], input="n\n")
    assert "1 message in it?" in refused.output
    assert refused.exit_code == 1
    assert take_labels(broker, "audit") == ["a"]
    run("unsubscribe", "audit", answer="y\n")
    assert "there is no queue" in refuse("consume", "--queue", "audit")


def test_a_consumer_can_begin_with_what_was_announced_before(connections: Connections, broker: str) -> None:
    Ledger(connections.models_db).open_run("run-1", {}, make_expansion(DEFINITION))
    ModelsStore(connections.models_db).save(make_trained_model(DEFINITION))
    notify("run-1", connections)

    assert "1 message on its queue" in run("subscribe", "audit", "--replay").output
    assert "0 messages replayed" in run("replay", "--queue", "audit", "--since", "2100-1-1").output
    assert "1 message replayed" in run("replay", "--queue", "audit", "--since", "2016-1-1").output

    assert take_labels(broker, "audit") == [DEFINITION.label] * 2
    assert take_labels(broker) == [DEFINITION.label]


def test_what_is_not_announced_is_published_and_listed(connections: Connections, broker: str) -> None:
    Ledger(connections.models_db).open_run("run-1", {}, make_expansion(DEFINITION))
    ModelsStore(connections.models_db).save(make_trained_model(DEFINITION))
    aliases = AliasesStore(connections.models_db)
    aliases.move("champion", DEFINITION.label, "ann", "the first")
    aliases.remove("champion", "ann", "not served")

    assert run("publish").output == "3 messages published.\n"
    assert run("publish").output == "0 messages published.\n"

    assert take_labels(broker) == [DEFINITION.label, DEFINITION.label, None]
    listed = json.loads(run("list", "--json").output)
    assert [(row["label"], row["alias"], row["accuracy"]) for row in listed] == [
        (None, "champion", None),
        (DEFINITION.label, "champion", None),
        (DEFINITION.label, None, 0.9),
    ]
    assert len([line for line in run("list").output.splitlines() if "champion" in line]) == 2


def test_dead_letters_are_printed_with_where_they_come_from(broker: str) -> None:
    run("consume", "--timeout", "0")
    publish_raw(broker, names.queue_name(), b"[1]")
    run("consume", "--timeout", "0.2")

    (line,) = run("consume", "--queue", "dead", "--limit", "1", "--timeout", "5").stdout.splitlines()

    assert json.loads(line) == {"queue": names.queue_name(), "reason": "rejected", "id": None, "message": "[1]"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("subscribe", "dead"), "reserved for rejected messages"),
        (("subscribe", "Au dit"), "'Au dit' is not a consumer name"),
        (("unsubscribe", "nobody"), "there is no queue"),
        (("unsubscribe", "dead", "--yes"), "reserved for rejected messages"),
        (("queues", "A"), "is not a consumer name"),
        (("subscribe", "audit", "--since", "2016-1-1"), "add --replay"),
        (("subscribe", "audit", "--replay", "--since", "yesterday"), "--since: 'yesterday' is not a date or time"),
        (("replay", "--queue", "nobody"), "there is no queue"),
        (("replay", "--queue", "dead"), "reserved for rejected messages"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in refuse(*arguments)
