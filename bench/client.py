"""A browser made of one socket: so little that it is never what is measured."""

import re
import socket
from dataclasses import dataclass, field
from time import perf_counter
from typing import Self
from urllib.parse import urlencode

PATIENCE = 60.0


@dataclass(frozen=True)
class Answer:
    status: int
    head: bytes
    body: bytes

    @property
    def headers(self) -> list[tuple[str, str]]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]

    def header(self, name: str) -> str:
        return next((value for one, value in self.headers if one == name), "")

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (value.partition(";")[0].partition("=") for name, value in self.headers if name == "set-cookie")
        return {name: value.strip('"') for name, _, value in pairs}


class Line:
    """One connection that stays open. `send` and `take` apart, so that several requests can be under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, request: bytes) -> None:
        self.socket.sendall(request)

    def take(self) -> Answer:
        while (end := self.rest.find(b"\r\n\r\n")) < 0:
            self._more()
        head, begin = self.rest[:end], end + 4
        found = re.search(rb"\r\ncontent-length: *(\d+)", head, re.I)
        length = int(found[1]) if found else 0
        while len(self.rest) < begin + length:
            self._more()
        body, self.rest = self.rest[begin : begin + length], self.rest[begin + length :]
        return Answer(int(head[9:12]), head, body)

    def ask(self, request: bytes) -> Answer:
        self.send(request)
        return self.take()

    def _more(self) -> None:
        chunk = self.socket.recv(1 << 18)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self.rest += chunk


@dataclass
class Person:
    """Cookies, and the requests that somebody with these cookies sends."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, *, encoding: str = "gzip", **headers: str) -> bytes:
        return self._request("GET", path, {"Accept-Encoding": encoding, **headers})

    def post(self, path: str, fields: dict[str, str], **headers: str) -> bytes:
        body = urlencode(fields).encode()
        told = {
            "Origin": f"http://127.0.0.1:{self.port}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
        }
        return self._request("POST", path, {**told, **headers}) + body

    def post_plain(self, path: str, body: bytes, **headers: str) -> bytes:
        """As a program sends it; `Content_Type` is the header of that name."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._request("POST", path, {"Content-Length": str(len(body)), **told}) + body

    def _request(self, method: str, path: str, headers: dict[str, str]) -> bytes:
        told = {"Host": f"127.0.0.1:{self.port}", "User-Agent": "bench", "Accept": "text/html", **headers}
        if self.cookies:
            told["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def at_the_door(port: int) -> tuple[Person, str]:
    """Somebody who has opened the sign-in page, and the token of its form."""
    person = Person(port)
    with Line(port) as line:
        page = line.ask(person.get("/sign-in", encoding="identity"))
    person.cookies |= page.cookies
    return person, token_of(page, "/sign-in")


def sign_in(port: int, email: str, password: str) -> Person:
    person, token = at_the_door(port)
    with Line(port) as line:
        done = line.ask(person.post("/sign-in", {"_csrf_token": token, "email": email, "password": password}))
    if done.status != 303 or "portal-session" not in done.cookies:
        raise RuntimeError(f"{email} cannot sign in: {done.status}")
    person.cookies = {name: value for name, value in {**person.cookies, **done.cookies}.items() if value}
    return person


def token_of(page: Answer, action: str) -> str:
    form = re.search(
        rf'<form[^>]*action="{re.escape(action)}".*?name="_csrf_token" value="([^"]+)"', page.body.decode(), re.S
    )
    if form is None:
        raise RuntimeError(f"the page has no form to {action}")
    return form[1]


def calm_latency(port: int, requests: list[bytes], times: int = 3) -> float:
    """Seconds per answer, one request after the other: each so many times, the quickest of them, on average."""
    total = 0.0
    with Line(port) as line:
        for request in requests:
            took = []
            for _ in range(times):
                began = perf_counter()
                answer = line.ask(request)
                took.append(perf_counter() - began)
                insist(answer, request)
            total += min(took)
    return total / len(requests)


def insist(answer: Answer, request: bytes, status: int = 200) -> Answer:
    if answer.status != status:
        raise RuntimeError(f"{answer.status} for {request.split(b' HTTP', 1)[0].decode()}")
    return answer


def drive(port: int, requests: list[bytes], *, lines: int, count: int) -> float:
    """Seconds per answer with so many requests always under way; anything but 200 is an error."""
    open_lines = [Line(port) for _ in range(lines)]
    try:
        began = perf_counter()
        for place, line in enumerate(open_lines):
            line.send(requests[place % len(requests)])
        for place in range(count):
            line = open_lines[place % lines]
            answer = line.take()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status} for {requests[place % len(requests)].splitlines()[0].decode()}")
            if place + lines < count:
                line.send(requests[(place + lines) % len(requests)])
        return (perf_counter() - began) / count
    finally:
        for line in open_lines:
            line.socket.close()
