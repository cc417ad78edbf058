"""What the classification service of this machine's deployment serves."""

import shlex
import time

from pipeline.cli.connect import home
from pipeline.cli.output import print_line
from pipeline.errors import DeploymentError

_WAIT_SECONDS = 60


def wait_until_served(reference: str, label: str, version: int) -> None:
    """Return once the service answers with a version, and say how to ask it; at once if it does not serve that here."""
    from pipeline.deployment.health import list_served
    from pipeline.deployment.home import Home
    from pipeline.deployment.record import Record, Secrets

    place = Home(home())
    try:
        record, secrets = Record.read(place), Secrets.read(place)
    except DeploymentError:  # the service is elsewhere
        return
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        found = [model for model in list_served(record, secrets) or () if model["model"] == reference]
        if not found:
            return
        if (found[0]["label"], found[0]["version"]) == (label, version):
            break
        if time.monotonic() > deadline:
            trouble = found[0]["trouble"]
            print_line(f"The service does not answer with it yet: {trouble['what'] if trouble else 'see its log'}")
            return
        time.sleep(0.1)
    token = f"$(cat {shlex.quote(str(place.service_tokens))})"
    print_line(
        f'In service: curl -H "Authorization: Bearer {token}" '
        f'-d \'{{"text": "the shuttle reached its orbit"}}\' {record.service_url}/v1/classify'
    )
