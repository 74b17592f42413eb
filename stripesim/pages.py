"""What people see of Stripe: the bank's page, Checkout, and the frame with the card's fields. Plain HTML."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stripesim import SCRIPT, browser, hosted, words
from stripesim.calls import Call
from stripesim.dispatch import Answer, Request
from stripesim.refusal import Refused
from stripesim.store import Store

HERE = Path(__file__).parent
STATIC = {
    SCRIPT: ("stripe.js", "text/javascript; charset=utf-8"),
    "/v3": ("stripe.js", "text/javascript; charset=utf-8"),
    "/v3/": ("stripe.js", "text/javascript; charset=utf-8"),
    "/static/frame.js": ("frame.js", "text/javascript; charset=utf-8"),
    "/static/stripesim.css": ("stripesim.css", "text/css; charset=utf-8"),
}
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'"
ALONE = f"{POLICY}; frame-ancestors 'none'"
Act = Callable[..., Answer]


class Pages:
    def __init__(self, store: Store, address: str) -> None:
        self.store = store
        self.address = address
        self.templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def answer(self, request: Request) -> Answer:
        if request.method == "GET" and request.path in STATIC:
            name, kind = STATIC[request.path]
            headers = {"Content-Type": kind, "Cross-Origin-Resource-Policy": "cross-origin"}
            return Answer(200, (HERE / "static" / name).read_bytes(), headers)
        visit = Visit(self, request)
        for method, path, act in ACTS:
            if method == request.method and (match := re.fullmatch(path, request.path)):
                try:
                    with self.store.transaction():
                        return act(visit, **match.groupdict())
                except Refused as refused:
                    if path.startswith("/v3/"):
                        return visit.json({"error": refused.error}, refused.status)
                    return visit.page("said.html", status=refused.status, sentence="not_found", back=None)
        return visit.page("said.html", status=404, sentence="not_found", back=None)


class Visit:
    """One look at a page, in the visitor's language."""

    def __init__(self, pages: Pages, request: Request) -> None:
        self.pages = pages
        self.store = pages.store
        self.call = Call(pages.store, pages.address)
        self.query = dict(parse_qsl(request.query, keep_blank_values=True))
        self.body = request.body
        self.accepted = request.headers.get("accept-language", "")
        self.language = words.chosen(self.query.get("locale", ""), self.accepted)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True))

    @property
    def sent(self) -> dict[str, Any]:
        said = json.loads(self.body)
        return said if isinstance(said, dict) else {}

    def speak(self, wanted: str | None) -> None:
        self.language = words.chosen(self.query.get("locale") or wanted or "", self.accepted)

    def word(self, name: str, **more: str) -> str:
        return words.word(name, self.language).format(**more)

    def page(self, template: str, *, status: int = 200, is_framed: bool = False, **more: Any) -> Answer:
        text = self.pages.templates.get_template(template).render(
            language=self.language,
            word=self.word,
            money=lambda cents: words.money(cents, self.language),
            **more,
        )
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": POLICY if is_framed else ALONE,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        return Answer(status, text.encode(), headers)

    def json(self, said: Any, status: int = 200) -> Answer:
        return Answer(status, json.dumps(said).encode())

    def onward(self, address: str) -> Answer:
        return Answer(303, b"", {"Location": address, "Referrer-Policy": "no-referrer"})


ACTS: list[tuple[str, str, Act]] = [
    ("GET", r"/3ds/(?P<id>\w+)", hosted.question),
    ("POST", r"/3ds/(?P<id>\w+)", hosted.reply),
    ("GET", r"/c/pay/(?P<id>\w+)", hosted.checkout),
    ("POST", r"/c/pay/(?P<id>\w+)", hosted.pay),
    ("GET", r"/c/pay/(?P<id>\w+)/return", hosted.come_back),
    ("GET", r"/receipts/(?P<id>\w+)", hosted.receipt),
    ("GET", r"/v3/payment", browser.fields),
    ("GET", r"/v3/controller", browser.controller),
    ("POST", r"/v3/cards", browser.check),
    ("POST", r"/v3/tokens", browser.token),
    ("POST", r"/v3/intents", browser.retrieve),
    ("POST", r"/v3/intents/confirm", browser.confirm),
]
