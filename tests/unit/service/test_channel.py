"""Messages between the process that follows and a worker."""

import socket
import threading
from collections.abc import Iterator

import pytest

from pipeline.service.channel import Channel

Pair = tuple[Channel, Channel]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = map(Channel, socket.socketpair())
    yield ours, theirs
    ours.close()
    theirs.close()


def test_messages_arrive_whole_and_in_order_with_their_parts(pair: Pair) -> None:
    ours, theirs = pair
    large = bytes(range(256)) * 40_000

    def send() -> None:
        ours.send({"number": 1}, [large, b""])
        ours.send({"number": 2})

    sender = threading.Thread(target=send)
    sender.start()

    assert theirs.receive(60) == ({"number": 1}, [large, b""])
    assert theirs.receive(60) == ({"number": 2}, [])
    sender.join()


def test_a_closed_end_is_noticed_by_the_other(pair: Pair) -> None:
    ours, theirs = pair
    ours.close()

    with pytest.raises(EOFError):
        theirs.receive(60)
    with pytest.raises(OSError, match="pipe"):
        theirs.send({})


def test_a_silent_end_is_given_up(pair: Pair) -> None:
    with pytest.raises(TimeoutError):
        pair[1].receive(0.01)
