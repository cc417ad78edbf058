"""The sockets on which the processes of a service listen: one for each, all on one port."""

import errno
import socket
import time

from pipeline.environment import Service
from pipeline.errors import PipelineError
from pipeline.log import get_logger

log = get_logger(__name__)

_HOST, _PORT = Service.name_of("host"), Service.name_of("port")
_PORT_SECONDS = 20
_QUIET_SECONDS = 1
_RETRY_SECONDS = 0.2


def open_listeners(settings: Service) -> list[socket.socket]:
    """Return a socket for each worker; the kernel spreads connections over those that listen.

    If the port is taken, it waits for some seconds: a predecessor that was killed may be finishing its last answers.

    Raises:
        PipelineError: another program listens there, or there is no such address.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        return _open_when_free(family, address, settings)
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            what = f"{settings.host!r} is no address of this machine ({error.strerror})"
            raise PipelineError(_HOST, what, next_step="correct it") from None
        what = f"port {settings.port} of {settings.host} cannot be used ({error.strerror})"
        raise PipelineError(_PORT, what, next_step="choose another port, or end what listens there") from None


def _open_when_free(family: int, address: object, settings: Service) -> list[socket.socket]:
    started, told = time.monotonic(), False
    while True:
        try:
            # a socket that shares its port would be let in beside those of another service
            _open(family, address, shared=False).close()
            return [_open(family, address, shared=True) for _ in range(settings.workers)]
        except OSError as error:
            waited = time.monotonic() - started
            if error.errno != errno.EADDRINUSE or waited > _PORT_SECONDS:
                raise
        if waited > _QUIET_SECONDS and not told:
            told = True
            log.warning("waiting until the port is free", port=settings.port, at_most_seconds=_PORT_SECONDS)
        time.sleep(_RETRY_SECONDS)


def _open(family: int, address: object, *, shared: bool) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        opened.bind(address)  # type: ignore[arg-type]
    except OSError:
        opened.close()
        raise
    return opened
