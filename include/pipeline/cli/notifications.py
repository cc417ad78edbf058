"""`pipeline notifications …`"""

import json
from typing import Annotated

import typer

from pipeline.cli.connect import connections, notifications_store
from pipeline.cli.output import AsJson, Limit, console, print_json, print_table
from pipeline.notifications.queue import open_queue

app = typer.Typer(help="Look at the notification table, or take messages off the queue.", no_args_is_help=True)

COLUMNS = ("label", "version", "published_at", "accuracy", "notification_id", "created_at", "run_id")


@app.command("list")
def list_notifications(limit: Limit = 50, as_json: AsJson = False) -> None:
    """List notifications, the newest first, with when the broker had each."""
    found = notifications_store().list_notifications(limit)
    if as_json:
        print_json(found)
    elif not found:
        console.print("No notifications yet: `pipeline train PLAN.json` makes some.")
    else:
        print_table(COLUMNS, [[row[column] for column in COLUMNS] for row in found])


@app.command("consume")
def consume(
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many.")] = None,
    timeout: Annotated[float, typer.Option(min=0, help="Stop when none has come for so many seconds.")] = 1.0,
) -> None:
    """Take messages off the queue and print them, one JSON object a line."""
    with open_queue(connections().notifications_url) as queue:
        queue.consume(lambda message: typer.echo(json.dumps(message, ensure_ascii=False)), timeout, limit)
