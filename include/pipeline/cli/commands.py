"""Every command of `pipeline`, each imported when it is run: no command loads a library that it does not use."""

from importlib import import_module
from typing import Any, NamedTuple

import typer
import typer.core
import typer.main


class Entry(NamedTuple):
    """A command, or a group of commands.

    Args:
        place: the module, and the name of the command's function or of the group's Typer in it.
        help: the text in `pipeline --help`, equal to the help of the function or group itself.
    """

    place: str
    help: str


ENTRIES = {
    "up": Entry("deployment:up", "Start everything on this machine, and wait until it is healthy."),
    "down": Entry("deployment:down", "Stop everything; running it twice is harmless."),
    "status": Entry(
        "deployment:status", "Show what runs and what is wrong; exit code 0 only if everything is healthy."
    ),
    "env": Entry("deployment:env", 'Print the deployment\'s environment, for `eval "$(pipeline env)"`.'),
    "migrate": Entry(
        "deployment:migrate",
        "Migrate every database that the environment names to this version's schema; `up` does so on one machine.",
    ),
    "airflow": Entry(
        "deployment:airflow", "Run Airflow's own command line on this deployment: `pipeline airflow dags list`."
    ),
    "users": Entry("users:app", "List, add and remove those who may log in to Airflow on this machine."),
    "train": Entry("train:train", "Check a plan and train it; with --follow, wait and print the leaderboard."),
    "examples": Entry("examples:app", "Load, find, correct, delete, forget and re-encrypt examples."),
    "plan": Entry("plan:app", "Check a training plan, and see what it would train."),
    "runs": Entry("runs:app", "List, show, describe, cancel and resume runs."),
    "models": Entry("models:app", "List, show, compare, export, try, delete and retire stored models."),
    "reproduce": Entry(
        "reproduce:reproduce", "Train a stored model again and compare, byte by byte; nothing is stored."
    ),
    "prune": Entry(
        "prune:prune", "Tell what is old and kept by nothing: models, runs, messages, logs; with --delete, delete it."
    ),
    "classify": Entry("classify:classify", "Classify the texts of a file; each row is written with its class behind."),
    "evaluate": Entry("evaluate:evaluate", "Score stored models on new examples, or on the testing set of a plan."),
    "aliases": Entry("aliases:app", "Manage aliases: names such as champion that point at a model version."),
    "notifications": Entry("notifications:app", "Inspect the notification table, the queues and their messages."),
    "serve": Entry("serve:serve", "Answer over HTTP with the models that aliases point at."),
    "settings": Entry("settings:app", "Apply Airflow's connections, pools and variables from airflow_settings.yaml."),
    "prepared": Entry("prepared:app", "Show or clear what trainings share."),
}
_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
_CONTEXT_SETTINGS = {"airflow": _PASSED_ON}


class LazyGroup(typer.core.TyperGroup):
    """The root command: it lists its commands from `ENTRIES` and imports the one that is run."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, entry in ENTRIES.items():
            self.add_command(typer.core.TyperCommand(name, help=entry.help))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return name, command and remaining arguments, as the base class does; the command is imported."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command if name is None else load_command(name), rest


def load_command(name: str) -> Any:
    """Return the command, or the group of commands, of one entry."""
    module, _, attribute = ENTRIES[name].place.partition(":")
    found = getattr(import_module(f"pipeline.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        return typer.main.get_group(found)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name, context_settings=_CONTEXT_SETTINGS.get(name))(found)
    return typer.main.get_command(alone)
