"""The consumer in the docs, as it stands there, as processes against RabbitMQ."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from integration.notifications.brokers import Proxy, make_message, open_proxy, publish, publish_raw, take_dead
from pipeline.notifications import names
from pipeline.notifications.queue import open_queue

PAGE = Path(__file__).parents[3] / "docs/notifications.md"
CODE = next(token.content for token in MarkdownIt().parse(PAGE.read_text(encoding="utf-8")) if token.info == "python")

Start = Callable[..., Path]


@pytest.fixture
def start(rabbitmq: str, prefix: str, tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts the consumer of that name and returns the file it prints to."""
    script = tmp_path / "consumer.py"
    script.write_text(CODE.replace("pipeline.", f"{prefix}."), encoding="utf-8")
    started: list[subprocess.Popen[bytes]] = []

    def start_one(name: str, address: str = rabbitmq) -> Path:
        output = tmp_path / f"{name}-{len(started)}.out"
        with output.open("wb") as stream:
            command = [sys.executable, str(script), name, address]
            started.append(subprocess.Popen(command, cwd=tmp_path, stdout=stream, stderr=stream))
        return output

    yield start_one
    for process in started:
        process.terminate()
        process.wait(60)


@pytest.fixture
def proxy(rabbitmq: str) -> Iterator[Proxy]:
    """A way to RabbitMQ that can break."""
    assert rabbitmq
    with open_proxy() as opened:
        yield opened


def wait_until(holds: Callable[[], object], output: Path) -> None:
    """Wait until something holds, or fail with what the consumer said."""
    deadline = time.monotonic() + 240
    while not holds():
        assert time.monotonic() < deadline, output.read_text(encoding="utf-8")
        time.sleep(0.1)


def read_labels(output: Path) -> list[str]:
    """Return the labels that a consumer has printed."""
    return re.findall(r"^(\S+) 0\.5$", output.read_text(encoding="utf-8"), re.MULTILINE)


def has_printed(output: Path, count: int) -> bool:
    """Return whether a consumer has printed that many labels."""
    return len(read_labels(output)) >= count


def subscribe(broker: str, *consumers: str) -> None:
    """Make queues, so that nothing is missed until their consumers run."""
    with open_queue(broker) as queue:
        for consumer in consumers:
            queue.subscribe(consumer)


def wait_until_empty(broker: str, consumer: str, output: Path) -> None:
    """Wait until nothing waits on a queue."""

    def is_empty() -> bool:
        with open_queue(broker) as queue:
            return queue.count_ready_of(consumer) == 0

    wait_until(is_empty, output)


def test_several_consumers_each_get_every_label_once(rabbitmq: str, start: Start) -> None:
    subscribe(rabbitmq, "audit", "serving")
    publish(rabbitmq, "a", "b", "a")  # the last one is a double

    outputs = [start(name) for name in ("audit", "serving")]
    for output in outputs:
        wait_until(partial(has_printed, output, 2), output)
    publish(rabbitmq, "b", "c")

    for output in outputs:
        wait_until(partial(has_printed, output, 3), output)
        assert read_labels(output) == ["a", "b", "c"]


def test_ids_are_remembered_by_the_next_process(rabbitmq: str, start: Start) -> None:
    subscribe(rabbitmq, "audit")
    publish(rabbitmq, "a")
    first = start("audit")
    wait_until(lambda: read_labels(first) == ["a"], first)
    second = start("audit")

    publish(rabbitmq, "a", "a", "b", "c", "d")

    wait_until(lambda: len(read_labels(first) + read_labels(second)) == 4, second)
    assert sorted(read_labels(first) + read_labels(second)) == ["a", "b", "c", "d"]


def test_a_change_of_a_label_is_handled_again(rabbitmq: str, start: Start) -> None:
    subscribe(rabbitmq, "audit")
    with open_queue(rabbitmq) as queue:
        for digest in ("one", "two"):
            queue.publish(make_message("a", document_sha256=digest))

    output = start("audit")

    wait_until(lambda: read_labels(output) == ["a", "a"], output)


def test_it_passes_over_moves_of_aliases(rabbitmq: str, start: Start) -> None:
    subscribe(rabbitmq, "audit")
    publish(rabbitmq, "a")
    with open_queue(rabbitmq) as queue:
        queue.publish({"event": "alias.moved", "move": 1, "alias": "champion", "label": "a", "version": 1})
    publish(rabbitmq, "b")

    output = start("audit")

    wait_until(lambda: read_labels(output) == ["a", "b"], output)
    wait_until_empty(rabbitmq, "audit", output)
    with open_queue(rabbitmq) as queue:
        assert queue.count_ready_of("dead") == 0


@pytest.mark.parametrize("body", ["{", "[1]", "{}"])
def test_what_it_cannot_read_is_a_dead_letter(rabbitmq: str, start: Start, body: str) -> None:
    subscribe(rabbitmq, "audit")
    publish_raw(rabbitmq, names.queue_name("audit"), body.encode())
    publish(rabbitmq, "a")

    output = start("audit")

    wait_until(lambda: read_labels(output) == ["a"], output)
    (dead,) = take_dead(rabbitmq)
    assert dead["message"] in (body, {})
    assert dead["queue"] == names.queue_name("audit")


def test_it_makes_the_queue_that_subscribe_makes(rabbitmq: str, start: Start) -> None:
    output = start("audit")

    def there() -> dict[str, Any]:
        with open_queue(rabbitmq) as queue:
            return {name: None for name in queue.count_ready(["audit"]) if name.endswith("audit")}

    wait_until(there, output)
    subscribe(rabbitmq, "audit")
    publish(rabbitmq, "a")

    wait_until(lambda: read_labels(output) == ["a"], output)


def test_it_survives_a_broken_connection(rabbitmq: str, start: Start, proxy: Proxy) -> None:
    output = start("audit", proxy.url)
    subscribe(rabbitmq, "audit")
    publish(rabbitmq, "a")
    wait_until(lambda: read_labels(output) == ["a"], output)

    proxy.cut()
    publish(rabbitmq, "b")

    wait_until(lambda: read_labels(output)[-1] == "b", output)
    wait_until_empty(rabbitmq, "audit", output)
    assert read_labels(output) == ["a", "b"]
