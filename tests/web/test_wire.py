"""The same over a real socket: what only a server shows."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn

from tests.browser import app


@pytest.fixture
async def wire(cast) -> AsyncIterator[int]:
    """The port of a server like the one that `portal web` runs."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app(), lifespan="off", log_config=None, access_log=False, server_header=False, date_header=False)
    )
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = True
    await serving
    listening.close()


async def say(port: int, raw: bytes) -> tuple[int, dict[str, str], bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        await writer.drain()
        told = await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        told = b"HTTP/1.1 0 reset\r\n\r\n"
    finally:
        writer.close()
    head, _, body = told.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    status = int(first.split(" ")[1]) if first else 0
    return status, {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}, body


def request(method: str, path: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: portal.test", "Connection: close", *headers]
    if body and not any(line.startswith("Transfer-Encoding") for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


FORM = "Content-Type: application/x-www-form-urlencoded"


async def test_a_page_comes_over_the_wire_with_its_headers(wire):
    status, headers, body = await say(wire, request("GET", "/sign-in"))
    assert status == 200 and b"Sign in" in body
    assert headers["content-security-policy"].startswith("default-src 'none'") and "server" not in headers


async def test_419_has_no_name_in_the_standard_and_arrives_all_the_same(wire):
    status, headers, body = await say(wire, request("POST", "/sign-in", b"email=anna%40example.com", FORM))
    assert status == 419 and b"Please send it once more" in body and headers["cache-control"] == "no-store"


async def test_a_body_that_says_it_is_too_large_and_one_that_turns_out_to_be(wire):
    body = b"a=" + b"x" * (1024 * 1024 + 1)
    status, _, told = await say(wire, request("POST", "/sign-in", body, FORM))
    assert status == 413 and b"That file is too large" in told
    chunks = b"".join(b"%x\r\n%s\r\n" % (65536, b"x" * 65536) for _ in range(20)) + b"0\r\n\r\n"
    status, _, told = await say(wire, request("POST", "/sign-in", chunks, FORM, "Transfer-Encoding: chunked"))
    assert status == 413 and b"That file is too large" in told


@pytest.mark.parametrize(
    "path", ["/invitation/x%0d%0aSet-Cookie:evil=1", "/invitation/x%0aX-Evil:1", "/reset/%E6%97%A5%0d%0a%0d%0a<script>"]
)
async def test_no_address_writes_a_header_of_its_own(wire, path):
    from portal.web.visit import Visit

    cookie, token = "Cookie: portal-start=secret", Visit(secret="secret").csrf_token()
    status, headers, _ = await say(wire, request("POST", path, f"_csrf_token={token}".encode(), FORM, cookie))
    assert status == 303 and headers["location"].startswith(("/invitation/", "/reset/"))
    assert "x-evil" not in headers and "evil" not in headers.get("set-cookie", "")


END = b"\r\nHost: x\r\nConnection: close\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nConnection: close\r\nHost: x\r\n"
STRANGE = [
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"G\xffT / HTTP/1.1" + END,
    b"GET /\xff\xfe HTTP/1.1" + END,
    b"GET / HTTP/1.1\r\nHost" + END,
    b"GET /%zz%%% HTTP/1.1" + END,
    b"GET /?%ff=%zz&&= HTTP/1.1" + END,
    b"GET / HTTP/1.1\r\nCookie: " + b"a=b; " * 5000 + END,
    b"CONNECT portal.test:443 HTTP/1.1" + END,
    b"GET http://evil.example/sign-in HTTP/1.1" + END,
    POST + b"Content-Length: -5\r\n\r\n",
    POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
    POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("number", range(len(STRANGE)))
async def test_bytes_that_are_no_request_of_ours(wire, number):
    try:
        status, _, body = await asyncio.wait_for(say(wire, STRANGE[number]), 2)
    except TimeoutError:
        status, body = 0, b""
    assert status < 500 and b"Traceback" not in body
    assert (await say(wire, request("GET", "/health")))[2] == b"ok"
