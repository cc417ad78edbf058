"""The results of a sweep: medians, and how they compare with each other and with the targets."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from peers.contestants import AGAIN, GRID, GRID_MEMORY, LIMIT, NAIVE, OURS, RAY, RAY_REUSE
from peers.work import Outcome

Figures = dict[str, Any]
AGREE_WITHIN = 0.002


@dataclass(frozen=True)
class Target:
    """The product takes at most `ratio` times as long as a peer, plus `seconds` for each definition."""

    plan: str
    peer: str
    ratio: float
    seconds: float = 0.0


TARGETS = (
    Target("word2vec", GRID, 0.25),
    Target("word2vec", GRID_MEMORY, 0.7),
    Target("word2vec", LIMIT, 1.3),
    Target("text", GRID_MEMORY, 1.0, 0.2),
    Target("tiny", NAIVE, 0.2),
    Target("tiny", RAY, 1.0),
    Target("tiny", RAY_REUSE, 1.0),  # not Ray's default, and the harder target
)


def compare(found: Mapping[str, list[Outcome]]) -> list[Figures]:
    """Return a row for each contestant: medians, their ratio to the product's, and whether it did the same work."""
    reference = found.get(OURS, next(iter(found.values())))[0]
    ours = median(each.seconds for each in found[OURS]) if OURS in found else None
    rows = []
    for name, outcomes in sorted(found.items(), key=lambda item: median(each.seconds for each in item[1])):
        seconds = [each.seconds for each in outcomes]
        differing, most = find_differences(reference, outcomes)
        rows.append(
            {
                "contestant": name,
                "rounds": len(outcomes),
                "seconds": round(median(seconds), 2),
                "fastest": round(min(seconds), 2),
                "slowest": round(max(seconds), 2),
                "core_seconds": round(median(each.core_seconds for each in outcomes), 1),
                "startup_seconds": round(median(each.startup_seconds for each in outcomes), 1),
                "ours_by_this": None if ours is None else round(ours / median(seconds), 3),
                "best_accuracy": round(max(outcomes[0].accuracies.values()), 4),
                "differing_definitions": differing,
                "largest_difference": round(most, 4),
                "parts": {part: round(took, 2) for part, took in outcomes[-1].parts.items()},
            }
        )
    return rows


def find_differences(reference: Outcome, outcomes: list[Outcome]) -> tuple[int, float]:
    """Return how many definitions' accuracies differ too much in any round, and the largest difference.

    A definition that was not trained counts as a difference of 1.
    """
    largest = {
        label: max(abs(outcome.accuracies.get(label, accuracy + 1) - accuracy) for outcome in outcomes)
        for label, accuracy in reference.accuracies.items()
    }
    return sum(most > AGREE_WITHIN for most in largest.values()), max(largest.values())


def judge(plan: str, definitions: int, rows: list[Figures]) -> Iterator[Figures]:
    """Yield each target of a plan with `definitions` definitions, with the allowed and the measured time."""
    seconds = {row["contestant"]: row["seconds"] for row in rows}
    for target in TARGETS:
        if target.plan == plan and {OURS, target.peer} <= seconds.keys():
            allowed = target.ratio * seconds[target.peer] + target.seconds * definitions
            taken = seconds[OURS]
            yield {
                **asdict(target),
                "allowed": round(allowed, 2),
                "taken": taken,
                "measured_ratio": round(taken / seconds[target.peer], 3),
                "met": taken <= allowed,
            }


def write_table(plan: Figures) -> str:
    """Return a plan's figures as Markdown."""
    lines = [
        f"**{plan['name']}**: {plan['definitions']} definitions on {plan['adapters']} adapters, "
        f"{plan['training']:,} examples to train and {plan['testing']:,} to test, {plan['rounds']} rounds",
        "",
        "| | seconds | fastest–slowest | core-seconds | ours ÷ this | best accuracy | differ | by at most |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in plan["rows"]:
        name = f"**{row['contestant']}**" if row["contestant"] in (OURS, AGAIN) else row["contestant"]
        ratio = "" if row["ours_by_this"] is None else f"{row['ours_by_this']:.2f}"
        lines.append(
            f"| {name} | {row['seconds']:.1f} | {row['fastest']:.1f}–{row['slowest']:.1f} | {row['core_seconds']:.0f} "
            f"| {ratio} | {row['best_accuracy']:.3f} | {row['differing_definitions']} "
            f"| {row['largest_difference']:.4f} |"
        )
    if plan["targets"]:
        lines += ["", "| target | allowed | taken | ratio | met |", "| --- | ---: | ---: | ---: | --- |"]
    for each in plan["targets"]:
        extra = f" + {each['seconds']:g} s a definition" * bool(each["seconds"])
        met = "yes" if each["met"] else "**no**"
        lines.append(
            f"| at most {each['ratio']:g} × {each['peer']}{extra} | {each['allowed']:.1f} s | {each['taken']:.1f} s "
            f"| {each['measured_ratio']:.2f} | {met} |"
        )
    return "\n".join(lines)
