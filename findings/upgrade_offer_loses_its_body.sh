#!/usr/bin/env bash
# Most people would guess: a request that also offers another protocol (`Upgrade: h2c`, as the HTTP client of Java's standard
# library sends it with a first request) is answered as without the offer by a server that does not take it: RFC 9110, 7.8 lets
# servers ignore it. And uvicorn's two parsers give an application the same request.
#
# With httptools 0.9.0, which uvicorn 0.54.0 takes where it is installed, the application gets such a request without its body,
# as if it were empty. With h11 0.16.0 it gets the body.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check uvicorn==0.54.0 httptools==0.9.0 h11==0.16.0
cat >"$folder/ask.py" <<'PYTHON'
import socket
import threading

import uvicorn


async def app(scope, receive, send):
    """Answer with the body that came."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


def ask(parser, offer):
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=parser, ws="none", lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    head = f"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n{offer}\r\n\r\n"
    with socket.create_connection(listener.getsockname(), timeout=30) as connection:
        connection.sendall(head.encode() + b"hello")
        answer = connection.makefile("rb").read().partition(b"\r\n\r\n")[2]
    server.should_exit = True
    thread.join()
    listener.close()
    return answer.decode()


plain, offered = "Connection: close", "Upgrade: h2c\r\nConnection: Upgrade, close"
print(*(f"{parser}: {ask(parser, plain)!r}, with an offer {ask(parser, offered)!r}" for parser in ("h11", "httptools")), sep="\n")
PYTHON
said=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$said"
[ "$said" = "h11: 'hello', with an offer 'hello'
httptools: 'hello', with an offer ''" ] || { echo "this has changed"; exit 1; }
