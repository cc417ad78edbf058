"""How fast TF-IDF rows are made, against scikit-learn's own classes: `python benchmarks/terms.py [CSV]`.

The peers get the same terms: `CountVectorizer` with the adapter's tokeniser and vocabulary, then `TfidfTransformer`
with the adapter's frequencies; or that transformer alone, on the adapter's counts. Each way must return the same bits,
or the benchmark fails. The ways take turns on one thread; seconds are its CPU time, the least of several rounds.
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import sklearn
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from threadpoolctl import threadpool_limits
from tokenise import make_texts, read_texts

from pipeline.adapters import tfidf_adapter
from pipeline.adapters.terms import make_analyze
from pipeline.adapters.tfidf_adapter import TfidfAdapter
from pipeline.adapters.weighing import make_rows
from pipeline.components.features import make_sparse

OPTIONS: dict[str, dict[str, Any]] = {
    "words": {},
    "one and two words": {"ngram_range": [1, 2], "max_features": 50_000},
    "char_wb, 2 to 4": {"analyzer": "char_wb", "ngram_range": [2, 4], "max_features": 50_000},
    "counts only": {"use_idf": False, "norm": None},
}
WAYS = ("TfidfAdapter", "both classes", "TfidfTransformer only")
LONE_TEXTS = 100
Transform = Callable[[Sequence[str]], Any]


def list_ways(adapter: TfidfAdapter) -> dict[str, Transform]:
    """Return how a fitted adapter's rows can be made."""
    options = adapter.options
    analyze = make_analyze(options.analyzer, options.ngram_range, adapter.tokeniser)
    vocabulary = {term: column for column, term in enumerate(adapter.terms)}
    counter = CountVectorizer(
        analyzer=lambda text: next(iter(analyze([text]))), vocabulary=vocabulary, dtype=np.float64
    )
    weigher = TfidfTransformer(norm=options.norm, use_idf=options.use_idf, sublinear_tf=options.sublinear_tf)
    if options.use_idf:
        weigher.idf_ = adapter.get_shared()["idf"]
    else:
        weigher.n_features_in_ = adapter.width

    def weigh(counts: Any, *_: Any, **__: Any) -> Any:
        counts.sum_duplicates()
        return make_sparse(weigher.transform(counts, copy=False))

    def use_transformer(texts: Sequence[str]) -> Any:
        with patch.object(tfidf_adapter, "weigh", weigh):
            return adapter.transform(texts)

    def use_both(texts: Sequence[str]) -> Any:
        return make_rows(texts, lambda batch: weigh(counter.transform(batch)), adapter.width)

    return dict(zip(WAYS, (adapter.transform, use_both, use_transformer), strict=True))


def transform_each(transform: Transform, texts: Sequence[str]) -> list[Any]:
    """Return the rows of texts that are given one by one, as a service gets them."""
    return [transform([text]) for text in texts]


def compare(ways: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Return the CPU seconds of each way, the least of some rounds."""
    taken = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, work in ways.items():
            start = time.thread_time()
            work()
            taken[name] = min(taken[name], time.thread_time() - start)
    return taken


def measure(texts: Sequence[str], options: dict[str, Any], rounds: int) -> dict[str, dict[str, float]]:
    """Return the CPU seconds of each way, for all texts at once and for one text."""
    ways = list_ways(TfidfAdapter(**options).fit(texts))
    rows = [transform(texts) for transform in ways.values()]
    for other in rows[1:]:
        for part in ("data", "indices", "indptr"):
            ours, theirs = getattr(rows[0], part), getattr(other, part)
            if ours.dtype != theirs.dtype or not np.array_equal(ours, theirs):
                raise SystemExit(f"{part} differ with {options}")
    alone = {name: partial(transform_each, way, texts[:LONE_TEXTS]) for name, way in ways.items()}
    count = min(LONE_TEXTS, len(texts))
    return {
        "all": compare({name: partial(way, texts) for name, way in ways.items()}, rounds),
        "one": {name: seconds / count for name, seconds in compare(alone, rounds).items()},
    }


def main() -> None:
    """Measure everything and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("csv", nargs="?", type=Path, help="a file with a column called text; made-up texts without it")
    parser.add_argument("--texts", type=int, default=1_024, help="how many texts to make up")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each way; the fastest counts")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args()
    texts = read_texts(chosen.csv) if chosen.csv else make_texts(chosen.texts)
    with threadpool_limits(limits=1):
        found = {name: measure(texts, options, chosen.rounds) for name, options in OPTIONS.items()}
    if chosen.json:
        sys.stdout.write(json.dumps({"scikit-learn": sklearn.__version__, "texts": len(texts), "rows": found}) + "\n")
        return
    lines = [f"scikit-learn {sklearn.__version__}, Python {platform.python_version()}, {len(texts):,} texts", ""]
    lines += [
        "| terms | texts | adapter: ms | both classes | TfidfTransformer only |",
        "| --- | --- | --: | --: | --: |",
    ]
    for name, taken in found.items():
        for count, seconds in taken.items():
            ours, *others = (seconds[way] for way in WAYS)
            ratios = " | ".join(f"{other / ours:.2f}" for other in others)
            lines.append(f"| {name} | {count} | {ours * 1e3:.2f} | {ratios} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
