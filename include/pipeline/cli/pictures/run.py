"""The pictures of a run."""

from pipeline.cli.choice import describe_validation_set
from pipeline.cli.leaderboard import describe_testing_set
from pipeline.cli.output import print_line
from pipeline.cli.pictures.costs import print_costs
from pipeline.cli.pictures.growth import print_growth
from pipeline.cli.pictures.timeline import print_timeline
from pipeline.plans.wording import count_of
from pipeline.registry.run_pictures import find_timeline, find_trainings
from pipeline.registry.ties import Ties
from pipeline.stores.database import Database


def print_run(database: Database, run_id: str) -> None:
    """Draw which models of a run are worth their cost, how scores grew, and who worked when.

    Raises:
        NotFoundError: there is no such run.
    """
    found = find_trainings(database, Ties(), run_id)
    models = sum(each["model"] is not None for each in found["definitions"])
    if models:
        chosen_on = found["validation_set"]
        on = describe_validation_set(chosen_on) if chosen_on else "on this same testing set, which flatters the best"
        print_line(f"{count_of(models, 'model')}, chosen by {found['metric']['title']} {on}")
        print_line(describe_testing_set(found["testing_set"]))
        if others := len(found["testing_sets"]) - 1:
            print_line(f"Models of {count_of(others, 'other testing set')} are not drawn: their scores do not compare.")
        print_costs(found)
    else:
        print_line("This run has no models yet.")
    print_growth(found)
    print_timeline(find_timeline(database, run_id))
