"""`pipeline prepared …`"""

from typing import TYPE_CHECKING

import typer

from pipeline.cli.connect import connections
from pipeline.cli.console import console
from pipeline.cli.output import AsJson, print_json
from pipeline.environment import PREPARED_LIMIT_MB, PREPARED_STORE, STORE_ALLOWED
from pipeline.errors import PipelineError

if TYPE_CHECKING:
    from pipeline.cache.store import CacheStore

app = typer.Typer(help="Show or clear what trainings share.", no_args_is_help=True)


@app.command()
def show(as_json: AsJson = False) -> None:
    """Show where trainings keep what they share, its size, and the limit of its size."""
    store = _open_store()
    count, size_bytes = store.survey()
    if as_json:
        told = {"store": store.url, "entries": count, "size_bytes": size_bytes, "limit_bytes": store.limit_bytes}
        print_json(told)
        return
    told_size = f"{size_bytes / 2**20:,.1f} of at most {store.limit_bytes / 2**20:,.0f} MB ({PREPARED_LIMIT_MB})"
    console.print(f"{store.url}: {count} entries, {told_size}.", highlight=False, soft_wrap=True, markup=False)


@app.command()
def clear(as_json: AsJson = False) -> None:
    """Remove all of it; trainings that are running prepare it again."""
    store = _open_store()
    count = store.clear()
    if as_json:
        print_json({"store": store.url, "removed": count})
        return
    console.print(f"{store.url}: {count} entries removed.", highlight=False, soft_wrap=True, markup=False)


def _open_store() -> "CacheStore":
    store = connections().cache_store
    if store is None:
        raise PipelineError(PREPARED_STORE, "not set", STORE_ALLOWED, "without it, every training prepares for itself")
    return store
