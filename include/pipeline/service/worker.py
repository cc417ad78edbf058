"""A process that answers: `python -m pipeline.service.worker CHANNEL LISTENER`, two file descriptors."""

import asyncio
import resource
import socket
import sys
import time
from threading import Thread
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp

from pipeline.environment import Service
from pipeline.errors import PipelineError
from pipeline.log import print_to
from pipeline.serialisation.document import SplitDocument
from pipeline.service.app import make_app
from pipeline.service.channel import Channel
from pipeline.service.connection import Connection
from pipeline.service.references import read_references
from pipeline.service.served import Served
from pipeline.service.shelf import Shelf
from pipeline.service.source import Target
from pipeline.service.tokens import Tokens

_GRACE_SECONDS = 20


class Worker:
    """Serves HTTP in its event loop, and does what the process that follows says in a thread."""

    def __init__(self, channel: Channel, settings: Service) -> None:
        self._channel = channel
        self._tokens = Tokens()
        self._shelf = Shelf(read_references(settings.models))
        app = make_app(self._shelf, self._tokens, settings.most_at_once)
        self._server = make_server(app)
        self._opened = asyncio.Event()
        self._prepared: dict[str, Served] = {}

    async def run(self, listener: socket.socket) -> None:
        """Serve from the first `open` on until the other end of the channel is closed, or a signal comes."""
        loop = asyncio.get_running_loop()
        Thread(target=self._obey, args=(loop,), name="obey", daemon=True).start()
        await self._opened.wait()
        if not self._server.should_exit:
            await self._server.serve(sockets=[listener])

    def _obey(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while True:
                message, parts = self._channel.receive()
                self._channel.send({"error": self._do(message, parts, loop)})
        except (EOFError, OSError):  # whoever followed has ended
            self._server.should_exit = True
            loop.call_soon_threadsafe(self._opened.set)

    def _do(self, message: dict[str, Any], parts: list[bytes], loop: asyncio.AbstractEventLoop) -> str | None:
        """Carry out a message; return why that failed, or None."""
        reference = message.get("reference", "")
        match message["do"]:
            case "prepare":
                adapter = parts[1] if len(parts) > 1 else None
                document = SplitDocument(message["encoding"], adapter, parts[0])
                try:
                    self._prepared[reference] = Served.load(Target(**message["target"]), document)
                except PipelineError as error:
                    return str(error)
                except Exception as error:  # noqa: BLE001 - a document must not end a worker
                    return f"its document cannot be read ({type(error).__name__})"
            case "forget":
                self._prepared.pop(reference, None)
            case "switch":
                self._switch(reference, self._prepared.pop(reference), loop)
            case "withdraw":
                self._switch(reference, None, loop)
            case "accept":
                self._tokens.accept(message["digests"])
            case "tell":
                self._shelf.told = message["models"]
            case "open":
                loop.call_soon_threadsafe(self._opened.set)
                while not (self._server.started or self._server.should_exit):
                    time.sleep(0.005)
        return None

    def _switch(self, reference: str, served: Served | None, loop: asyncio.AbstractEventLoop) -> None:
        """Let a desk answer with another model, or with none."""
        asyncio.run_coroutine_threadsafe(self._shelf.desks[reference].switch(served), loop).result()


def make_server(app: ASGIApp) -> uvicorn.Server:
    """Return the server of an application."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",  # what is wrong with a request is told to whoever sent it
            access_log=False,
            server_header=False,
            timeout_keep_alive=75,  # longer than the pools of clients and proxies usually keep a connection
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )


def main() -> None:
    """Run a worker."""
    print_to(sys.stderr)
    most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))  # a connection is a file
    channel, listener = (socket.socket(fileno=int(number)) for number in sys.argv[1:])
    worker = Worker(Channel(channel), Service.read())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(worker.run(listener))


if __name__ == "__main__":
    main()
