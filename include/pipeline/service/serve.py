"""`pipeline serve`: starts the processes that answer, and follows what they are to serve."""

import errno
import fcntl
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

from pipeline.environment import Service
from pipeline.errors import PipelineError
from pipeline.examples.keyring import KeyRing
from pipeline.log import get_logger
from pipeline.notifications.names import new_queue_name
from pipeline.notifications.queue import check_broker
from pipeline.service.follow import Follower
from pipeline.service.listen import listen
from pipeline.service.references import read_references
from pipeline.service.saved import SavedDocuments
from pipeline.service.source import Source
from pipeline.service.tokens import Tokens
from pipeline.service.workers import Workers

log = get_logger(__name__)

_FOLDER, _KEYS_FILE = "PIPELINE_SERVICE_FOLDER", "PIPELINE_SERVICE_KEYS_FILE"
_PORT_SECONDS = 20
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
    """Serve until SIGTERM or SIGINT.

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
        listeners = [stack.enter_context(each) for each in _bind(settings)]
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


def open_saved(settings: Service) -> SavedDocuments | None:
    """Return where documents are kept, and make the missing key file; None if the settings name no place.

    Raises:
        PipelineError: the keys cannot be read or made.
    """
    if settings.folder is None or settings.keys_file is None:
        kept = {_FOLDER: settings.folder, _KEYS_FILE: settings.keys_file}
        missing = " and ".join(name for name, path in kept.items() if path is None)
        log.warning(
            "documents are not kept, so a start serves nothing while the source of models is down", not_set=missing
        )
        return None
    _make_keys(settings.keys_file)
    return SavedDocuments(settings.folder, KeyRing.from_file(settings.keys_file, _KEYS_FILE))


def _make_keys(path: Path) -> None:
    """Make the key file unless it exists. Services that share a volume may start at the same moment."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            if not path.exists():
                KeyRing.generate().save(path)
        finally:
            os.close(folder)
    except OSError as error:
        next_step = "choose a folder that this user may write into"
        raise PipelineError(f"{_KEYS_FILE} ({path})", f"cannot be made ({error.strerror})", "", next_step) from None


def _bind(settings: Service) -> list[socket.socket]:
    """Return a socket for each worker, all on one port; the kernel spreads connections over those that listen.

    Raises:
        PipelineError: another program listens there, or there is no such address.
    """
    where, deadline, waits = "PIPELINE_SERVICE_PORT", time.monotonic() + _PORT_SECONDS, False
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        what = f"{settings.host!r} is no address of this machine ({error.strerror})"
        raise PipelineError("PIPELINE_SERVICE_HOST", what, next_step="correct it") from None
    while True:
        try:
            _make(family, address, shared=False).close()
            return [_make(family, address, shared=True) for _ in range(settings.workers)]
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                what = f"{settings.host!r} is no address of this machine"
                raise PipelineError("PIPELINE_SERVICE_HOST", what, next_step="correct it") from None
            # a predecessor that was killed may be finishing its last answers
            if time.monotonic() > deadline - _PORT_SECONDS + 1 and not waits:
                waits = True
                log.warning("waiting until the port is free", port=settings.port, at_most_seconds=_PORT_SECONDS)
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                what = f"port {settings.port} of {settings.host} cannot be used ({error.strerror})"
                raise PipelineError(where, what, next_step="choose another port, or end what listens there") from None
        time.sleep(0.2)


def _make(family: int, address: object, *, shared: bool) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(address)  # type: ignore[arg-type]
    except OSError:
        made.close()
        raise
    return made
