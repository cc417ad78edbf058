"""Real examples without a download: 200 Usenet posts of 1993, which gensim ships as test data."""

import pickletools
import zlib
from collections.abc import Iterator
from datetime import UTC
from email.parser import HeaderParser
from email.utils import parsedate_to_datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from pipeline.errors import ExamplesError
from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.rows import IncomingRow
from pipeline.loading.load import DEFAULT_COLLECTION, check_collection
from pipeline.stores.examples.load import LoadCounts
from pipeline.stores.examples.store import ExamplesStore

CORPUS: Final = "test/test_data/mini_newsgroup"
NEWSGROUPS: Final = ("alt.atheism", "sci.space")
"""The two groups of the corpus, 100 posts each; some posts were sent to other groups too."""


def load_demo(store: ExamplesStore, collection: str = DEFAULT_COLLECTION) -> LoadCounts:
    """Load the posts that are not in the database yet.

    Raises:
        ExamplesError: gensim's test data is missing.
    """
    collection = check_collection(collection)
    return store.load(collection, read_posts(find_corpus()), BrokenRows("gensim's mini_newsgroup"))


def find_corpus() -> Path:
    """Return the path of the corpus, without importing gensim."""
    spec = find_spec("gensim")
    if spec is None or spec.origin is None:
        raise ExamplesError("gensim", "is not installed", next_step="install the package's dependencies")
    path = Path(spec.origin).parent / CORPUS
    if not path.is_file():
        raise ExamplesError(str(path), "is missing", "gensim's test data", "install gensim 4.4.0 from its wheel")
    return path


def read_posts(path: Path) -> Iterator[IncomingRow]:
    """Yield each post: its Message-ID, its Date, its newsgroup, and its body without the headers.

    The file is a packed pickle, which is never unpickled: the posts are the only unicode strings among its
    opcodes.
    """
    opcodes = pickletools.genops(zlib.decompress(path.read_bytes()))
    posts = (str(argument) for opcode, argument, _ in opcodes if opcode.name == "UNICODE")
    for number, post in enumerate(posts, 1):
        message = HeaderParser().parsestr(post)
        moment = parsedate_to_datetime(message["Date"])
        yield IncomingRow(
            line=number,
            id=message["Message-ID"],
            # A date without a zone is UTC in news software.
            occurred_at=moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC),
            classification=_newsgroup(message["Newsgroups"]),
            text=str(message.get_payload()),
        )


def _newsgroup(header: str) -> str:
    """Return the group that a post was taken from; of the groups it went to, the corpus holds just one."""
    return next(name for name in (part.strip() for part in header.split(",")) if name in NEWSGROUPS)
