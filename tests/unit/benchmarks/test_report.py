"""The figures of `benchmarks/serving.py`: percentiles, medians of rounds, and what is compared with whom."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))
from servers.report import find_percentile, judge, summarise, write_scene


def make_round(rate: float = 100.0, p99_ms: float = 9.0, wrong: int = 0, **errors: int) -> dict[str, Any]:
    """Return the figures of a round."""
    return {
        "texts_per_second": rate,
        "p50_ms": 1.0,
        "p99_ms": p99_ms,
        "core_ms_per_text": 0.5,
        "clients_core_share": 0.2,
        "answered": 10,
        "checked": 2,
        "wrong": wrong,
        "errors": errors,
    }


def make_server(memory_mb: float, **round_: Any) -> dict[str, Any]:
    """Return the figures of a server with one round of one load."""
    return {
        "loads": {"16 clients": summarise([make_round(**round_)])},
        "memory_mb": memory_mb,
        "processes": 2,
        "same_answers": 0.995,
    }


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (0.995, 100), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_one_of_the_values(share: float, expected: int) -> None:
    assert find_percentile([*range(100, 0, -1)], share) == expected


def test_without_answers_a_percentile_is_infinite() -> None:
    assert find_percentile([], 0.99) == float("inf")


def test_medians_of_rounds_and_sums_of_errors() -> None:
    rounds = [make_round(10), make_round(30, lost=1), make_round(20, wrong=1, lost=2)]

    found = summarise(rounds)

    assert found["texts_per_second"] == 20
    assert (found["answered"], found["wrong"], found["errors"]) == (30, 1, {"lost": 3})


def test_each_figure_is_compared_with_the_peer_that_is_best_in_it() -> None:
    servers = {
        "pipeline": make_server(100, rate=900, p99_ms=6),
        "MLflow": make_server(400, rate=100, p99_ms=10),
        "FastAPI": make_server(90, rate=300, p99_ms=40),
    }

    rate, p99, memory = judge(servers)

    assert (rate["peer"], rate["ratio"], rate["met"]) == ("FastAPI", 3.0, True)
    assert (p99["peer"], p99["ratio"], p99["met"]) == ("MLflow", 0.6, False)
    assert (memory["peer"], memory["ratio"], memory["met"]) == ("MLflow", 0.25, True)


def test_without_us_or_a_peer_nothing_is_judged() -> None:
    assert not [*judge({"MLflow": make_server(400)})]
    assert [each["peer"] for each in judge({"pipeline": make_server(1), "FastAPI": make_server(1)})] == ["FastAPI"] * 2


def test_a_scene_shows_errors_and_wrong_answers() -> None:
    servers = {"MLflow": make_server(400, wrong=2, lost=3)}

    told = write_scene({"title": "Words", "workers": 2, "servers": servers, "targets": []})

    assert "**Words**, 2 workers" in told
    assert "| MLflow | 100 · 1.0 · 9.0 | 0.50 | 400 | 99.5% | 5 |" in told


def test_a_scene_shows_which_targets_are_met() -> None:
    servers = {"pipeline": make_server(100, rate=200), "MLflow": make_server(400)}

    told = write_scene({"title": "Words", "workers": 1, "servers": servers, "targets": [*judge(servers)]})

    assert "| texts a second, 16 clients: at least 3 × | MLflow | 100.0 | 200.0 | 2.00 | **no** |" in told
    assert "| MB of memory: at most 0.5 × | MLflow | 400.0 | 100.0 | 0.25 | yes |" in told
