"""How much the registry does at a time: it runs in the API server, whose 40 threads Airflow's own pages need too.

Each process of the API server has these limits for itself.
"""

from typing import Final

MOST_REQUESTS: Final = 32
"""Requests in work; a page of one browser makes up to six at a time."""

MOST_CLASSIFICATIONS: Final = 16
MOST_DOWNLOADS: Final = 4
"""Documents that are prepared or sent, each of which may take a gigabyte."""

MOST_PREVIEWS: Final = 3
"""Previews of plans, each of which may compute for half a second while other threads wait."""

PREVIEW_RETRY_SECONDS: Final = 1

MOST_PREPARED: Final = 2
"""Documents that are prepared, which takes several times the memory of the document."""

MOST_CONNECTIONS_KEPT: Final = 8
"""Idle connections to the models database; requests open more if they need them."""

RETRY_SECONDS: Final = 5
