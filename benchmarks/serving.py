"""Our service compared with other servers: `python benchmarks/serving.py [EXAMPLES.csv.gz] [--json OUT]`.

Recipes are trained on the older examples, and every server serves the same numbers: ours a document, the others a
scikit-learn pipeline. They are asked for the classes of the newer examples, one text a request or a hundred, by some
clients at once. All servers of a scene (a recipe and a number of workers) run all the time and take turns; medians of
the rounds count. Peers are installed into `benchmarks/.servers` when they are first needed, which takes minutes.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

from machine import describe_machine, format_machine
from servers.answers import ask
from servers.contestants import PEERS, Contestant, Peer
from servers.load import put_load
from servers.ours import Ours
from servers.recipes import RECIPES, TITLES, write_models
from servers.report import Figures, find_percentile, judge, summarise, write_scene
from servers.running import Running, running

from documents import read_examples

BATCH = 100


@dataclass(frozen=True, slots=True)
class Load:
    """How many clients ask at once, and how many texts each sends in one request."""

    clients: int
    texts: int = 1


LOADS: Final = {"1 client": Load(1), "16 clients": Load(16), "64 clients": Load(64), "batches of 100": Load(4, BATCH)}


@dataclass(frozen=True)
class Server:
    """A running server, and its own classes of all texts, which it must also give under load."""

    run: Running
    classes: list[str]

    def measure(self, texts: list[str], load: Load, seconds: float, warm_up_seconds: float) -> Figures:
        """Return the figures of one round under one load."""
        starts = range(0, len(texts) - load.texts + 1, load.texts)
        requests = [self.run.contestant.write_request(texts[start : start + load.texts]) for start in starts]
        used = self.run.read_core_seconds()
        received = put_load(self.run.port, requests, load.clients, seconds, warm_up_seconds)
        used = self.run.read_core_seconds() - used
        expected = {number: self.classes[start : start + load.texts] for number, start in enumerate(starts)}
        wrong = [number for number, body in received.kept if self._read(body) != expected[number]]
        return {
            "texts_per_second": len(received.latencies) * load.texts / seconds,
            "p50_ms": 1000 * find_percentile(received.latencies, 0.5),
            "p99_ms": 1000 * find_percentile(received.latencies, 0.99),
            "core_ms_per_text": 1000 * used / max(1, received.answered * load.texts),
            "clients_core_share": received.core_share,
            "answered": received.answered,
            "checked": len(received.kept),
            "wrong": len(wrong),
            "errors": dict(received.errors),
        }

    def _read(self, body: bytes) -> list[str]:
        return self.run.contestant.read_classes(json.loads(body))


def prepare_texts(path: Path | None, most: int) -> tuple[tuple[list[str], list[str]], list[str]]:
    """Return texts and classes to train with, and other texts to ask for, shuffled; made-up ones differ in length."""
    texts, classes = read_examples(path, most)
    draw = random.Random(0)  # noqa: S311
    if path is None:
        texts = [" ".join(text.split()[-draw.randint(5, 64) :]) for text in texts]
    training = len(texts) * 4 // 5
    asked = texts[training:]
    draw.shuffle(asked)
    return (texts[:training], classes[:training]), asked


def ask_all(run: Running, texts: Sequence[str]) -> list[str]:
    """Return a server's classes of all texts, asked in batches; the first batch's also one by one.

    Raises:
        RuntimeError: the server refuses, or classifies a text alone otherwise than among others.
    """
    contestant = run.contestant
    batches = [list(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
    groups = [*batches, *([text] for text in batches[0])]
    found: list[list[str]] = []
    for group, answer in zip(groups, ask(run.port, map(contestant.write_request, groups)), strict=True):
        if answer.status != 200:
            raise RuntimeError(f"{contestant.name} answers {len(group)} texts with {answer.status}")
        found.append(contestant.read_classes(json.loads(answer.body)))
    if [*chain(*found[len(batches) :])] != found[0]:
        raise RuntimeError(f"{contestant.name} classifies texts otherwise together than one by one")
    return [*chain(*found[: len(batches)])]


def start_all(
    stack: ExitStack, models: Path, asked: list[str], wanted: Sequence[Contestant], workers: int
) -> Iterator[Server]:
    """Yield the servers that start and answer; say which do not."""
    for contestant in wanted:
        try:
            run = stack.enter_context(running(contestant, models, models / contestant.name, workers))
            yield Server(run, ask_all(run, asked))
        except RuntimeError as error:  # the other servers' figures are still worth a table
            print(f"without {contestant.name}: {error}", file=sys.stderr)


def measure_scene(
    name: str, models: Path, asked: list[str], expected: list[str], workers: int, chosen: argparse.Namespace
) -> Figures:
    """Return the figures of all servers for a recipe and a number of workers."""
    rounds: dict[str, dict[str, list[Figures]]] = {}
    servers: dict[str, Figures] = {}
    with ExitStack() as stack:
        started = start_all(stack, models, asked, chosen.servers, workers)
        found = {server.run.contestant.name: server for server in started}
        for number in range(chosen.rounds):
            for title in chosen.loads:
                order = [*found]
                for each in order[number % len(order) :] + order[: number % len(order)]:
                    figures = found[each].measure(asked, LOADS[title], chosen.seconds, chosen.warm_up)
                    rounds.setdefault(each, {}).setdefault(title, []).append(figures)
            print(f"{name}, {workers} workers: round {number + 1} of {chosen.rounds}", file=sys.stderr)
        for each, server in found.items():
            servers[each] = {
                "loads": {title: summarise(taken) for title, taken in rounds[each].items()},
                "memory_mb": server.run.read_memory_bytes() / 1e6,
                "processes": len(server.run.list_processes()),
                "same_answers": sum(map(str.__eq__, server.classes, expected)) / len(expected),
            }
    scene = {"recipe": name, "title": TITLES[name], "workers": workers, "servers": servers, "rounds": rounds}
    return scene | {"targets": [*judge(servers)]}


def read_arguments() -> argparse.Namespace:
    """Return the arguments of the command line."""
    everyone: dict[str, Contestant] = {each.name: each for each in (Ours(), *PEERS)}

    def choose(known: dict[str, Any]) -> Any:
        def read(told: str) -> list[Any]:
            names = [name.strip() for name in told.split(",")]
            if unknown := [name for name in names if name not in known]:
                raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; known are {', '.join(known)}")
            return [known[name] for name in names]

        return read

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", type=Path, nargs="?", help="gzip CSV with the columns text and label; oldest first")
    parser.add_argument("--most", type=int, default=3_000, metavar="N", help="how many examples are read")
    parser.add_argument("--recipes", type=choose({name: name for name in RECIPES}), default=[*RECIPES])
    parser.add_argument("--servers", type=choose(everyone), default=[*everyone.values()], help=", ".join(everyone))
    parser.add_argument("--loads", type=choose({name: name for name in LOADS}), default=[*LOADS], help=", ".join(LOADS))
    parser.add_argument("--workers", type=choose({"1": 1, "2": 2, "4": 4}), default=[1, 2], help="1, 2 or 1,2")
    parser.add_argument("--rounds", type=int, default=3, help="medians of the rounds count")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each server is asked in a round")
    parser.add_argument("--warm-up", type=float, default=0.3, metavar="SECONDS", help="before each of these times")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write all results to this file")
    return parser.parse_args()


def main() -> None:
    """Measure, print tables and, if requested, write JSON."""
    chosen = read_arguments()
    for contestant in chosen.servers:
        if isinstance(contestant, Peer):
            contestant.install()
    started = time.perf_counter()
    (texts, classes), asked = prepare_texts(chosen.examples, chosen.most)
    scenes = []
    with tempfile.TemporaryDirectory(prefix="serving-", ignore_cleanup_errors=True) as folder:
        for name in chosen.recipes:
            for workers in chosen.workers:
                models = Path(folder, f"{name}-{workers}")
                expected = write_models(RECIPES[name], texts, classes, models).classify(asked)
                scenes.append(measure_scene(name, models, asked, expected, workers, chosen))
    lengths = sorted(map(len, asked))
    told = {
        "machine": describe_machine(),
        "seconds": round(time.perf_counter() - started),
        "texts": len(asked),
        "characters": {"least": lengths[0], "median": lengths[len(lengths) // 2], "most": lengths[-1]},
        "scenes": scenes,
    }
    print(format_machine())
    print(f"{len(asked)} texts of {lengths[0]} to {lengths[-1]} characters (median {lengths[len(lengths) // 2]})")
    print("Each cell: texts a second · 50th · 99th percentile in ms\n")
    print("\n\n".join(map(write_scene, scenes)))
    if chosen.json:
        chosen.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
