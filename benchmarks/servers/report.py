"""The figures of a scene: medians of rounds, ratios to the best peer, and whether the targets are met.

A scene is one recipe, served by every server with the same number of workers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from servers.contestants import MlFlow
from servers.ours import Ours

Figures = dict[str, Any]
BUSY: Final = "16 clients"
RATES: Final = ("texts_per_second", "p50_ms", "p99_ms", "core_ms_per_text", "clients_core_share")


@dataclass(frozen=True)
class Target:
    """What our figure is at least or at most, as a ratio to the best peer's, or to one peer's.

    Args:
        figure: which one.
        load: at which load; none for figures of the whole scene.
    """

    title: str
    figure: str
    ratio: float
    load: str | None = None
    peer: str | None = None

    @property
    def is_least(self) -> bool:
        """Whether more is better."""
        return self.figure == "texts_per_second"


TARGETS: Final = (
    Target("texts a second, 16 clients", "texts_per_second", 3.0, BUSY),
    Target("ms, 99th percentile, 16 clients", "p99_ms", 0.5, BUSY),
    Target("MB of memory", "memory_mb", 0.5, peer=MlFlow.name),
)


def find_percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed; infinite if there are none."""
    if not values:
        return float("inf")
    return sorted(values)[max(0, -int(-share * len(values) // 1) - 1)]


def summarise(rounds: Sequence[Figures]) -> Figures:
    """Return the medians of a server's rounds under one load, and the sum of what went wrong."""
    errors: dict[str, int] = {}
    for each in rounds:
        for kind, count in each["errors"].items():
            errors[kind] = errors.get(kind, 0) + count
    sums = {name: sum(each[name] for each in rounds) for name in ("answered", "checked", "wrong")}
    return {**{name: median(each[name] for each in rounds) for name in RATES}, **sums, "errors": errors}


def judge(servers: Mapping[str, Figures]) -> Iterator[Figures]:
    """Yield each target with our figure, the peer's that counts, and their ratio; nothing without us."""
    for target in TARGETS:
        figures = {
            name: (each["loads"][target.load] if target.load else each)[target.figure]
            for name, each in servers.items()
            if target.load in (None, *each["loads"])
        }
        ours = figures.pop(Ours.name, None)
        peers = {name: figure for name, figure in figures.items() if target.peer in (None, name)}
        if ours is None or not peers:
            continue
        best = (max if target.is_least else min)(peers, key=peers.__getitem__)
        ratio = ours / peers[best]
        met = ratio >= target.ratio if target.is_least else ratio <= target.ratio
        aim = f"at {'least' if target.is_least else 'most'} {target.ratio:g} ×"
        told = {"target": f"{target.title}: {aim}", "peer": best, "peers": peers[best], "ours": ours}
        yield told | {"ratio": ratio, "met": met}


def write_scene(scene: Figures) -> str:
    """Return a scene as Markdown."""
    servers: dict[str, Figures] = scene["servers"]
    loads = [*next(iter(servers.values()))["loads"]]
    busy = BUSY if BUSY in loads else loads[0]
    most = max(load["clients_core_share"] for each in servers.values() for load in each["loads"].values())
    lines = [
        f"**{scene['title']}**, {scene['workers']} worker{'s' * (scene['workers'] > 1)}",
        "",
        f"| | {' | '.join(loads)} | core-ms a text, {busy} | MB | same answers | errors |",
        f"| --- |{' ---: |' * (len(loads) + 4)}",
    ]
    for name, each in servers.items():
        cells = [_write_rates(each["loads"][load]) for load in loads]
        failed = sum(sum(load["errors"].values()) + load["wrong"] for load in each["loads"].values())
        cells += [f"{each['loads'][busy]['core_ms_per_text']:.2f}", f"{each['memory_mb']:.0f}"]
        cells += [f"{each['same_answers']:.1%}", str(failed)]
        lines.append(f"| {f'**{name}**' if name == Ours.name else name} | {' | '.join(cells)} |")
    lines += ["", f"The clients took at most {most:.2f} of a core."]
    if judged := scene["targets"]:
        lines += [
            "",
            "| target | best peer | its figure | ours | ratio | met |",
            "| --- | --- | ---: | ---: | ---: | --- |",
        ]
    for each in judged:
        cells = [each["target"], each["peer"], f"{each['peers']:,.1f}", f"{each['ours']:,.1f}", f"{each['ratio']:.2f}"]
        lines.append(f"| {' | '.join(cells)} | {'yes' if each['met'] else '**no**'} |")
    return "\n".join(lines)


def _write_rates(load: Figures) -> str:
    return f"{load['texts_per_second']:,.0f} · {load['p50_ms']:.1f} · {load['p99_ms']:.1f}"
