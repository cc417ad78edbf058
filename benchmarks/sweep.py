"""Time of a sweep, compared with peers: `python benchmarks/sweep.py FILE [--plans tiny,text] [--json OUT]`.

FILE holds examples, as `pipeline examples load` reads them (.csv, .csv.gz, …). The product and its peers train each
plan of `benchmarks/sweeps` on its newest examples. All get the same list of definitions and the same split, and take
turns for `--repeat` rounds. Their accuracies must agree, or they did not do the same work. Ray and Optuna take part if
`benchmarks/.peers` has them: see `benchmarks/requirements-peers.txt`.
"""

import argparse
import json
import logging
import os
import signal
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import structlog
from machine import describe_machine, format_machine
from peers.contestants import Arena, Outcomes, contestants
from peers.prepare import MemorySource, Sweep, count_parts, prepare
from peers.report import compare, judge, write_table
from peers.work import Outcome

from pipeline.errors import PipelineError

PLANS = ("word2vec", "text", "tiny")
PEERS_PYTHON = Path(__file__).parent / ".peers" / "bin" / "python"


def run(arena: Arena, sweeps: list[Sweep], wanted: set[str], repeat: int) -> dict[str, dict[str, list[Outcome]]]:
    """Return the outcomes of every plan and contestant; each round begins with another contestant.

    After Ctrl-C, return the outcomes measured until then.
    """
    found: dict[str, dict[str, list[Outcome]]] = {sweep.name: {} for sweep in sweeps}
    with suppress(KeyboardInterrupt), contestants(arena, sweeps, wanted) as there:
        for sweep in sweeps:
            for number in range(repeat):
                order = [*there]
                for name in order[number % len(order) :] + order[: number % len(order)]:
                    where = f"{sweep.name} {number + 1}/{repeat}"
                    try:
                        keep(found[sweep.name], there[name](sweep), where)
                    except (RuntimeError, PipelineError) as error:  # earlier measurements are still worth a table
                        print(f"… {where} {name} failed: {error}", file=sys.stderr, flush=True)
    return found


def keep(found: dict[str, list[Outcome]], outcomes: Outcomes, where: str) -> None:
    """Add outcomes to those of earlier rounds, and print them."""
    for name, outcome in outcomes.items():
        found.setdefault(name, []).append(outcome)
        print(f"… {where} {name}: {outcome.seconds:.1f} s", file=sys.stderr, flush=True)


def read_arguments() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="examples, .csv or .csv.gz")
    parser.add_argument("--plans", default=",".join(PLANS), help="which plans of benchmarks/sweeps")
    parser.add_argument("--peers", default="", help="which contestants, by their names in the table; all by default")
    parser.add_argument("--repeat", type=int, default=3, help="how many rounds; medians count")
    parser.add_argument("--sample", type=int, metavar="N", help="only N definitions of each plan, for a trial")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write all results to this file")
    parser.add_argument("--peers-python", type=Path, default=PEERS_PYTHON, help="the Python of Ray and Optuna")
    return parser.parse_args()


def main() -> None:
    """Measure, print tables and, if requested, write JSON."""
    chosen = read_arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as on Ctrl-C, all running programs are ended
    machine = format_machine()
    cores = len(os.sched_getaffinity(0))
    wanted = {name.strip() for name in chosen.peers.split(",") if name.strip()}
    with tempfile.TemporaryDirectory(prefix="sweep-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL does not run as root, and must be able to enter
        source = MemorySource(chosen.file)
        sweeps = [prepare(name, source, Path(folder), cores, chosen.sample) for name in chosen.plans.split(",")]
        found = run(Arena(Path(folder), chosen.peers_python), sweeps, wanted, chosen.repeat)
    plans = []
    for sweep in sweeps:
        rows = compare(found[sweep.name]) if found[sweep.name] else []
        counts = {"training": sweep.work.training, "testing": len(sweep.work.texts) - sweep.work.training}
        head = {
            "name": sweep.name,
            **count_parts(sweep.work),
            **counts,
            "rounds": max(map(len, found[sweep.name].values()), default=0),
        }
        plans.append({**head, "rows": rows, "targets": [*judge(sweep.name, len(sweep.work.definitions), rows)]})
    print("\n\n".join([machine, *map(write_table, plans)]))
    if chosen.json:
        raw = {
            plan: {name: [asdict(each) for each in outcomes] for name, outcomes in of.items()}
            for plan, of in found.items()
        }
        result = {"machine": describe_machine(), "file": chosen.file.name, "plans": plans, "outcomes": raw}
        chosen.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
