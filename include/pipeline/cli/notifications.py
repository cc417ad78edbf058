"""`pipeline notifications …`"""

import json
from datetime import datetime
from typing import Annotated

import typer

from pipeline.cli.connect import connections, notifications_store
from pipeline.cli.console import console
from pipeline.cli.leaderboard import name_testing_set
from pipeline.cli.output import AsJson, Limit, print_json, print_line, print_table
from pipeline.datetimes import parse_datetime
from pipeline.errors import PipelineError
from pipeline.notifications.names import new_queue_name
from pipeline.notifications.queue import open_queue
from pipeline.plans.wording import count_of
from pipeline.runs import announce
from pipeline.visible import escape_harmful

app = typer.Typer(help="Inspect the notification table, the queues and their messages.", no_args_is_help=True)

COLUMNS = (
    "label", "version", "alias", "published_at", "accuracy", "testing_set", "notification_id", "created_at", "run_id",
)  # fmt: skip

Consumer = Annotated[str, typer.Argument(metavar="NAME", help="The name of a consumer and of its queue.")]
QueueOf = Annotated[
    str | None,
    typer.Option("--queue", metavar="NAME", help="This consumer's queue, or `dead`; by default the default queue."),
]
Since = Annotated[str | None, typer.Option(metavar="DATE", help="Only announcements since then: 2016-1-1, in UTC.")]


@app.command("list")
def list_notifications(limit: Limit = 50, as_json: AsJson = False) -> None:
    """List notifications of models and alias moves, newest first, with when the broker confirmed each."""
    found = notifications_store().list_notifications(limit)
    if as_json:
        print_json(found)
    elif not found:
        console.print("No notifications yet: `pipeline train PLAN.json` makes some.")
    else:
        rows = [row | {"testing_set": name_testing_set(row["testing_set"])} for row in found]
        print_table(COLUMNS, [[row[column] for column in COLUMNS] for row in rows])


@app.command("publish")
def publish() -> None:
    """Announce now what is not announced yet, models and alias moves, as the end of a run does."""
    count = announce.announce_all(connections())
    print_line(f"{count_of(count, 'message')} published.")


@app.command("consume")
def consume(
    queue: QueueOf = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after this many messages.")] = None,
    timeout: Annotated[float, typer.Option(min=0, help="Stop after this many seconds without a message.")] = 1.0,
) -> None:
    """Take messages from a queue and print them, one JSON object per line."""
    with open_queue(connections().notifications_url) as opened:
        opened.consume(
            lambda message: typer.echo(escape_harmful(json.dumps(message, ensure_ascii=False))),
            timeout,
            limit,
            consumer=queue,
        )


@app.command("queues")
def list_queues(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Consumers, which RabbitMQ cannot list itself.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the queues with the number of messages waiting in each."""
    with open_queue(connections().notifications_url) as opened:
        found = opened.count_ready(names or ())
    if as_json:
        print_json([{"queue": name, "ready": ready} for name, ready in found.items()])
    elif not found:
        console.print("No queues yet: the first notification creates them.")
    else:
        print_table(("queue", "ready"), [*found.items()])


@app.command("subscribe")
def subscribe(
    name: Consumer,
    replay: Annotated[bool, typer.Option("--replay", help="Start with earlier announcements.")] = False,
    since: Since = None,
) -> None:
    """Create a queue for a consumer, which gets every message from now on. Subscribing twice changes nothing."""
    if since is not None and not replay:
        raise PipelineError("--since", "given without --replay", next_step="add --replay")
    moment = _parse_since(since)
    with open_queue(connections().notifications_url) as opened:
        ready = opened.subscribe(name)
    if replay:
        ready += announce.replay(connections(), name, moment)
    print_line(f"{name} is subscribed; {count_of(ready, 'message')} on its queue.")


@app.command("unsubscribe")
def unsubscribe(
    name: Consumer,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a consumer's queue and the messages in it."""
    with open_queue(connections().notifications_url) as opened:
        if not yes:
            new_queue_name(name)  # no question about an impossible name
            ready = opened.count_ready_of(name)
            typer.confirm(f"Delete the queue of {name} and {count_of(ready, 'message')} in it?", abort=True)
        lost = opened.unsubscribe(name)
    print_line(f"{name} is no longer subscribed; {count_of(lost, 'message')} deleted.")


@app.command("replay")
def replay(queue: QueueOf = None, since: Since = None) -> None:
    """Publish earlier announcements again, on one queue only."""
    count = announce.replay(connections(), queue, _parse_since(since))
    print_line(f"{count_of(count, 'message')} replayed.")


def _parse_since(text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_datetime(text)
    except ValueError as error:
        raise PipelineError("--since", str(error)) from None
