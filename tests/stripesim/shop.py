"""What the portal is to Stripe, in small: a page of another origin with a strict policy, and a door for webhooks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from stripesim import SCRIPT

HERE = Path(__file__).parent
POLICY = "default-src 'none'; script-src 'self' {stripe}; frame-src {stripe}; style-src 'self'; base-uri 'none'"
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>A shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body data-theme="{theme}" data-secret="{secret}"><main><h1>A shop</h1><div id="card"></div>
<p><button id="go">Review</button></p><p id="said" role="status"></p></main>
<script src="{stripe}{script}"></script><script src="/shop.js"></script></body></html>
"""


@dataclass
class Shop:
    stripe: str = ""
    url: str = ""
    answers: list[int] = field(default_factory=list)  # of the door for webhooks; 200 when none is left
    brought: list[tuple[bytes, str]] = field(default_factory=list)


@contextmanager
def shop() -> Iterator[Shop]:
    one = Shop()

    class Door(BaseHTTPRequestHandler):
        def say(self, status: int, text: str = "", kind: str = "text/html", **headers: str) -> None:
            body = text.encode()
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/shop.js":
                self.say(200, (HERE / "shop.js").read_text(), "text/javascript")
            elif parts.path == "/":
                words = {"language": "en", "theme": "stripe", "secret": ""} | asked
                page = PAGE.format(stripe=one.stripe, script=SCRIPT, **words)
                self.say(200, page, **{"Content-Security-Policy": POLICY.format(stripe=one.stripe)})
            else:
                self.say(200, "<!doctype html><html lang=en><title>Back</title><h1>Back in the shop</h1></html>")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            one.brought.append((body, self.headers["Stripe-Signature"]))
            self.say(one.answers.pop(0) if one.answers else 200)

        def log_message(self, *said: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    one.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
