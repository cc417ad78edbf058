"""What the tests of files share."""

import gzip
from pathlib import Path

from pipeline.examples.broken_rows import BrokenRows
from pipeline.examples.rows import IncomingRow
from pipeline.loading.columns import ColumnChoice
from pipeline.loading.readers import read_rows
from pipeline.loading.source_file import SourceFile

HEADER = "time,classification,text\n"
GOOD = "2016-1-1,spam,buy now\n"


def read(
    folder: Path, name: str, content: str | bytes, choice: ColumnChoice | None = None
) -> tuple[list[IncomingRow], BrokenRows]:
    """Write a file and return its rows, and those that are broken."""
    path = folder / name
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    with SourceFile(path) as source:
        broken = BrokenRows(source.name)
        return list(read_rows(source, choice or ColumnChoice(), broken)), broken
