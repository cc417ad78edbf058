"""Bring the schema of the examples or the models database up to date."""

from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config

Schema = Literal["examples", "models"]
SCHEMAS: tuple[Schema, ...] = ("examples", "models")


def migrate(url: str, schema: Schema, revision: str = "head") -> None:
    """Apply every migration up to `revision` that the database at `url` has not had yet."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / schema))
    config.attributes["url"] = url
    command.upgrade(config, revision)
