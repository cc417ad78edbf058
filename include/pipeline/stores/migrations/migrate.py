"""Bring the schema of the examples, the models or the notifications database up to date."""

from pathlib import Path
from typing import Literal

Schema = Literal["examples", "models", "notifications"]
# Those that are always there; where there is RabbitMQ, no database holds notifications.
SCHEMAS: tuple[Schema, ...] = ("examples", "models")

_FOLDER = Path(__file__).parent


def find_newest(schema: Schema) -> str:
    """Return the revision that `migrate` brings a database to; revisions are four digits, and grow."""
    return max(path.name[:4] for path in (_FOLDER / schema / "versions").glob("[0-9]*.py"))


def migrate(url: str, schema: Schema, revision: str = "head") -> None:
    """Apply every migration up to `revision` that the database at `url` has not had yet."""
    # not above: most processes only ask whether there is something to migrate
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER / schema))
    config.attributes["url"] = url
    command.upgrade(config, revision)
