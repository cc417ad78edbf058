"""`pipeline serve`: starts the processes that answer, and follows what they are to serve."""

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

from pipeline.environment import Service
from pipeline.notifications.names import new_queue_name
from pipeline.notifications.queue import check_broker
from pipeline.service.follow import Follower
from pipeline.service.listen import listen
from pipeline.service.listeners import open_listeners
from pipeline.service.references import read_references
from pipeline.service.saved import open_saved
from pipeline.service.source import Source
from pipeline.service.tokens import Tokens
from pipeline.service.workers import Workers

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of one's own is made in it
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def serve(
    settings: Service,
    source: Source,
    notifications_url: str | None,
    environ: Mapping[str, str],
    say: Callable[[str], None],
) -> None:
    """Serve until SIGTERM, SIGINT or, unless it is ignored, SIGHUP.

    Args:
        source: where models come from.
        notifications_url: the broker's address; None: moves are noticed a second later.
        environ: the environment of the processes that answer.
        say: called with the address, once it answers.

    Raises:
        PipelineError: a setting is not usable, or the port is taken.
    """
    references = read_references(settings.models)
    tokens = Tokens.of(settings)
    if notifications_url is not None:
        check_broker(notifications_url)
        new_queue_name(settings.queue)
    saved = open_saved(settings)
    with ExitStack() as stack:
        listeners = [stack.enter_context(each) for each in open_listeners(settings)]
        folder = stack.enter_context(_make_folder(listeners[0]))
        for number in _ENDING:
            if signal.getsignal(number) != signal.SIG_IGN:  # as `nohup` has it for SIGHUP
                signal.signal(number, _exit)
        workers = Workers(listeners, {**environ, **_ONE_THREAD, "PROMETHEUS_MULTIPROC_DIR": folder}, tokens)
        stack.callback(workers.stop)
        follower = Follower(references, source, workers, saved)
        if notifications_url is not None:
            arguments = (notifications_url, settings.queue, follower.look_now)
            Thread(target=listen, args=arguments, name="listen", daemon=True).start()
        host, port = listeners[0].getsockname()[:2]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        follower.run(lambda: say(f"Serving {', '.join(references)} at {address}"))


def _make_folder(listener: socket.socket) -> tempfile.TemporaryDirectory[str]:
    """Return a folder for the metrics that the workers share, and delete what a killed service at this address left."""
    # on a disk that is full, a process that writes into a mapped file would be killed
    shared = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    host, port = listener.getsockname()[:2]
    prefix = f"pipeline-service-{host}-{port}-"
    for left in shared.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    return tempfile.TemporaryDirectory(prefix=prefix, dir=shared)


def _exit(*_: object) -> None:
    for number in _ENDING:  # a second one would interrupt the way out
        signal.signal(number, _ignore)  # SIG_IGN makes Python complain of a signal that came before
    raise SystemExit(0)


def _ignore(*_: object) -> None:
    pass
