"""Time to cut texts into words, and its share of training: `python benchmarks/tokenise.py [CSV]`.

The texts are the column `text` of a CSV file (plain or .gz), or made up. gensim's `simple_preprocess` and
scikit-learn's default analyzer read the same texts in the same process, taking turns; seconds are the fastest of some
rounds. They do not return the same words: gensim's omits digits and long words, both omit words of one letter.
"""

import argparse
import csv
import gzip
import json
import os
import platform
import random
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from pipeline.adapters import adapters
from pipeline.adapters.tokenise import tokenise

Row = dict[str, Any]

LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
FITTED: dict[str, Row] = {
    "WordFrequencyAdapter": {"sequence_length": 100, "vocabulary_size": 10_000},
    "TfidfAdapter": {},
    "Word2VecAdapter": {"sequence_length": 1_000, "pooling": "mean"},
    "FastTextAdapter": {"sequence_length": 1_000, "pooling": "mean"},
    "Doc2VecAdapter": {},
}


def make_texts(count: int, words: int = 60) -> list[str]:
    """Return texts whose words are as unevenly frequent as a language's; one in ten holds a non-ASCII letter."""
    draw = random.Random(0)  # noqa: S311 - the same texts every time, no secret
    vocabulary = ["".join(draw.choices(LETTERS, range(26, 0, -1), k=draw.randint(1, 11))) for _ in range(20_000)]
    shares = [1 / rank for rank in range(1, len(vocabulary) + 1)]
    texts = []
    for number in range(count):
        chosen = draw.choices(vocabulary, shares, k=words)
        sentences = [" ".join(chosen[start : start + 12]).capitalize() for start in range(0, words, 12)]
        texts.append(
            ". ".join(sentences) + (" – " if number % 10 == 0 else " ") + ("don't." if number % 5 == 0 else "do.")
        )
    return texts


def read_texts(path: Path) -> list[str]:
    """Return the column `text` of a CSV file."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        return [row["text"] for row in csv.DictReader(file)]


def measure(work: Callable[[], Any]) -> float:
    """Return how many seconds the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare_tokenisers(texts: Sequence[str], rounds: int) -> list[Row]:
    """Return a row for our tokeniser and one for each peer, with the ratio of its time to ours."""
    from gensim.utils import simple_preprocess
    from sklearn.feature_extraction.text import CountVectorizer

    read: dict[str, Callable[[str], list[str]]] = {
        "tokenise": tokenise,
        "gensim's simple_preprocess": simple_preprocess,
        "scikit-learn's default analyzer": CountVectorizer().build_analyzer(),
    }
    taken = [{name: measure(partial(_split_all, split, texts)) for name, split in read.items()} for _ in range(rounds)]
    rows = []
    for name, split in read.items():
        seconds = min(each[name] for each in taken)
        rows.append(
            {
                "name": name,
                "seconds": seconds,
                "words": sum(map(len, _split_all(split, texts))),
                "characters_per_second": sum(map(len, texts)) / seconds,
                "ratio": seconds / min(each["tokenise"] for each in taken),
            }
        )
    return rows


def _split_all(split: Callable[[str], list[str]], texts: Sequence[str]) -> list[list[str]]:
    return [split(text) for text in texts]


def compare_fits(texts: Sequence[str], seconds: float) -> list[Row]:
    """Return how long each adapter of words takes to fit on one thread, and the share of tokenising."""
    rows = []
    with threadpool_limits(limits=1):
        for name, options in FITTED.items():
            adapters[name](**options).fit(["a a b b"])  # imports are not part of fitting
            fit_seconds = measure(partial(adapters[name](**options).fit, texts))
            rows.append({"name": name, "fit_seconds": fit_seconds, "share": seconds / fit_seconds})
    return rows


def write_table(tokenisers: list[Row], fits: list[Row]) -> str:
    """Return the rows as two Markdown tables."""
    lines = ["| tokeniser | seconds | million characters/s | words | ratio |", "| --- | ---: | ---: | ---: | ---: |"]
    for row in tokenisers:
        speed = row["characters_per_second"] / 1e6
        lines.append(f"| {row['name']} | {row['seconds']:.3f} | {speed:.1f} | {row['words']:,} | {row['ratio']:.2f} |")
    lines += ["", "| adapter | `fit`: seconds | share of tokenising |", "| --- | ---: | ---: |"]
    lines += [f"| {row['name']} | {row['fit_seconds']:.2f} | {row['share']:.1%} |" for row in fits]
    return "\n".join(lines)


def main() -> None:
    """Measure everything and print two tables, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "csv", nargs="?", type=Path, help="a file with a column called text; without it, texts are made up"
    )
    parser.add_argument("--texts", type=int, default=5_000, help="how many texts to make up")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each tokeniser; the fastest counts")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    chosen = parser.parse_args()
    texts = read_texts(chosen.csv) if chosen.csv else make_texts(chosen.texts)
    tokenisers = compare_tokenisers(texts, chosen.rounds)
    fits = compare_fits(texts, tokenisers[0]["seconds"])
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "texts": len(texts)}
    if chosen.json:
        sys.stdout.write(json.dumps({"machine": machine, "tokenisers": tokenisers, "fits": fits}, indent=2) + "\n")
    else:
        head = f"{machine['cores']} cores, Python {machine['python']}, {len(texts):,} texts"
        sys.stdout.write(f"{head}\n\n{write_table(tokenisers, fits)}\n")


if __name__ == "__main__":
    main()
