"""HTTP, a thread for each connection. The faults that TCP can show are made here."""

import os
import signal
import socket
import struct
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from stripesim.control import Control
from stripesim.dispatch import Answer, Dispatch, Request
from stripesim.faults import Faults
from stripesim.pages import Pages
from stripesim.store import Store
from stripesim.webhooks import Postman

LARGEST = 256 * 1024


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, data: Path, webhook: str | None, secret: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.store = Store(data, has_webhook=webhook is not None)
        self.faults = Faults()
        self.postman = Postman(self.store, webhook, secret) if webhook else None
        self.dispatch = Dispatch(self.store, self.faults, self.address)
        self.control = Control(self.store, self.faults, self.address)
        self.pages = Pages(self.store, self.address)

    def answer(self, request: Request) -> Answer | None:
        """None is a connection that breaks before anything is said."""
        fault = self.faults.due(request.method, request.path) if request.path.startswith("/v1/") else None
        if fault and fault.kind == "reset":
            return None
        if request.path.startswith("/v1/"):
            answer = self.dispatch.answer(request, fault)
        elif request.path.startswith("/sim/"):
            answer = self.control.answer(request)
        else:
            answer = self.pages.answer(request)
        if self.postman and request.method != "GET":
            self.postman.nudge.set()
        return answer

    def handle_error(self, request: object, client_address: object) -> None:
        """Who hangs up is no fault of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "stripesim"
    sys_version = ""
    disable_nagle_algorithm = True
    server: Server

    def do(self) -> None:
        length = int(self.headers["Content-Length"] or 0)
        if length > LARGEST:
            self.close_connection = True
            return self.send(Answer(413, b""))
        body = self.rfile.read(length).decode(errors="replace")
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, parts.path, parts.query, headers, body)
        answer = self.server.answer(request)
        if answer is None:
            return self.reset()
        if answer.is_lost:
            self.close_connection = True
            return None
        return self.send(answer)

    do_GET = do_POST = do_DELETE = do  # noqa: N815

    def send(self, answer: Answer) -> None:
        """In one piece, or the second would wait for the receipt of the first."""
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store"} | answer.headers
        headers["Content-Length"] = str(len(answer.body))
        lines = [f"{name}: {value}" for name, value in headers.items()]
        status = HTTPStatus(answer.status)
        head = "\r\n".join([f"HTTP/1.1 {status.value} {status.phrase}", *lines, "", ""])
        self.wfile.write(head.encode() + answer.body)

    def reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: what was asked is in /sim/requests."""


def serve(port: int, data: Path, webhook: str | None, secret: str) -> None:
    server = Server(port, data, webhook, secret)
    signal.signal(signal.SIGTERM, stop)
    if server.postman:
        server.postman.start()
    print(f"stripesim: TEST MODE on {server.address}", flush=True)  # noqa: T201
    try:
        server.serve_forever()
    finally:
        server.server_close()


def stop(number: int, frame: object) -> None:
    raise SystemExit(0)
