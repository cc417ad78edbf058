"""Bring the schema of the examples, the models or the notifications database up to date."""

from pathlib import Path
from typing import Literal

from pipeline.extras import explaining_missing

Schema = Literal["examples", "models", "notifications"]
# The schemas that always exist; with RabbitMQ, no database contains notifications.
SCHEMAS: tuple[Schema, ...] = ("examples", "models")

_FOLDER = Path(__file__).parent


def find_newest(schema: Schema) -> str:
    """Return the revision to which `migrate` brings a database; revisions have four digits, and increase."""
    return max(path.name[:4] for path in (_FOLDER / schema / "versions").glob("[0-9]*.py"))


def migrate(url: str, schema: Schema, revision: str = "head") -> None:
    """Apply every migration up to `revision` that the database at `url` has not had yet.

    At the newest version, give the roles that exist their rights.

    Raises:
        NotInstalledError: this installation is for answers only, and migrates nothing.
    """
    # not at the top: most processes only ask whether there is something to migrate
    with explaining_missing():
        from alembic import command
        from alembic.config import Config

    from pipeline.stores.roles import grant

    config = Config()
    config.set_main_option("script_location", str(_FOLDER / schema))
    config.attributes["url"] = url
    command.upgrade(config, revision)
    if revision == "head":
        grant(url, schema)
