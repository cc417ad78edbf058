#!/usr/bin/env bash
# Most people would guess: an endpoint may read the body of a request, `request.stream()`, in the generator that its
# StreamingResponse sends, so that lines come in while answers go out, and gets the whole body.
#
# With Starlette 1.10.0 it may lose parts of it: beside the generator, StreamingResponse asks for messages itself, to hear of a client
# that leaves, and drops what is none. It does so where the server speaks a version of ASGI below 2.4, and uvicorn 0.54.0 says
# 2.3. With 2.4, the same code gets everything.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check starlette==1.10.0 uvicorn==0.54.0
cat >"$folder/ask.py" <<'PYTHON'
import asyncio
import inspect

from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse
from uvicorn.protocols.http import h11_impl

PARTS = [b"one ", b"two ", b"three ", b"four "]


async def ask(version):
    """Return what the generator got of a body that comes in parts, each a moment after the other."""
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in PARTS]
    messages += [{"type": "http.request", "body": b"", "more_body": False}]
    got = []

    async def receive():
        await asyncio.sleep(0.01)
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message):
        pass

    async def answer(request):
        async for part in request.stream():
            got.append(part)
            yield part

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "asgi": {"version": "3.0", "spec_version": version}}
    try:
        await StreamingResponse(answer(Request(scope, receive)))(scope, receive, send)
    except ClientDisconnect:  # the end was taken away, too
        pass
    return b"".join(got).split()


said = [line for line in inspect.getsource(h11_impl).splitlines() if "spec_version" in line][0]
print("uvicorn says 2.3:", '"spec_version": "2.3"' in said)
for version in ("2.3", "2.4"):
    print(f"ASGI {version}: all parts {asyncio.run(ask(version)) == b''.join(PARTS).split()}")
PYTHON
said=$("$folder/venv/bin/python" -W ignore "$folder/ask.py")
echo "$said"
[ "$said" = "uvicorn says 2.3: True
ASGI 2.3: all parts False
ASGI 2.4: all parts True" ] || { echo "this has changed"; exit 1; }
