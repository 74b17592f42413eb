"""A press of *Pay* against the same calls of Stripe's alone, and one of Stripe's events against writing it down by hand.

The stand-in answers for Stripe, so what is left is what the portal adds: two transactions before and after the call,
the ledger, the receipt's place, the audit.
"""

import asyncio
import hmac
import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from time import perf_counter
from typing import Any

import asyncpg
import httpx

from bench.client import Answer, Line, Person, sign_in
from bench.pages import CLIENT
from bench.site import Server, demo
from bench.timing import Block, Rounds, in_turn
from portal.database import embedded
from tasks.demo import PASSWORD as DEMO_PASSWORD

PRESS, EVENT = "a press of Pay, against Stripe's call alone", "an event, against writing a row by hand"
AGAINST = {PRESS: ("press", "stripe"), EVENT: ("event", "hand")}
EACH = 4
CENTS = 100
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
NOTED = """
INSERT INTO stripe_event (event, kind, subject, received_at) VALUES ($1, 'charge.updated', 'ch_none', now())
"""


@dataclass
class Shop:
    """The demo with a card of Maya's on file, and a line to the portal and to the stand-in."""

    portal: Server
    folder: Path
    person: Person
    stripe: httpx.Client
    secret: str

    @classmethod
    def opened(cls, portal: Server, folder: Path) -> "Shop":
        told = json.loads((folder / "stripesim.json").read_text())
        stripe = httpx.Client(
            base_url=told["STRIPE_API"], headers={"Authorization": f"Bearer {told['STRIPE_SECRET_KEY']}"}
        )
        person = sign_in(portal.port, CLIENT, DEMO_PASSWORD)
        shop = cls(portal, folder, person, stripe, told["STRIPE_WEBHOOK_SECRET"])
        shop.put_on_file()
        return shop

    @property
    def account(self) -> str:
        with Line(self.portal.port) as line:
            return line.ask(self.person.get("/")).header("location") + "/account"

    def put_on_file(self) -> None:
        account = self.account
        token = self.stripe.post(
            "/v1/test_helpers/confirmation_tokens", data={"payment_method": "pm_card_visa"}
        ).json()["id"]
        with Line(self.portal.port) as line:
            page = line.ask(self.person.get(f"{account}/cards/new", encoding="identity"))
            line.ask(self.person.post(f"{account}/cards", {**fields(page, "/cards"), "ctoken": token}))

    def reviewed(self, line: Line, account: str) -> bytes:
        """Everything but the press: its request."""
        page = line.ask(self.person.get(f"{account}/payments/new", encoding="identity"))
        typed = {**fields(page, "/payments/new"), "which": "custom", "amount": f"{CENTS / 100:.2f}"}
        card = line.ask(self.person.post(f"{account}/payments/new", typed)).header("location")
        page = line.ask(self.person.get(card, encoding="identity"))
        chosen = re.search(r'name="card"[^>]*value="(\d+)"', page.body.decode())
        if chosen is None:
            raise RuntimeError("no card is on file")
        review = line.ask(self.person.post(card, {**fields(page, "/card"), "card": chosen[1]})).header("location")
        page = line.ask(self.person.get(review, encoding="identity"))
        return self.person.post(review, fields(page, "/review"))

    def asked(self, after: int = 0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.stripe.get("/sim/requests", params={"after": after}).json()
        return found


def fields(page: Answer, action: str) -> dict[str, str]:
    """What stands hidden in the form that goes there."""
    body = page.body.decode()
    for form in re.findall(r"<form.*?</form>", body, re.S):
        found = re.search(r'action="([^"]+)"', form)
        if found and found[1].partition("?")[0].endswith(action):
            return {name: unescape(value) for name, value in FIELD.findall(form)}
    raise RuntimeError(f"the page has no form to {action}: {page.status}")


def paying(folder: Path, *, rounds: int) -> dict[str, Rounds]:
    with demo(folder) as portal:
        shop = Shop.opened(portal, folder)
        with Line(portal.port) as line, closing(shop.stripe), by_hand(folder) as write:
            return {
                PRESS: in_turn(presses(shop, line), "press", "stripe", rounds=rounds),
                EVENT: in_turn(events(shop, line, write), "event", "hand", rounds=rounds),
            }


def presses(shop: Shop, line: Line) -> dict[str, Any]:
    account, last = shop.account, max((one["number"] for one in shop.asked()), default=0)

    def press() -> Block:
        took = []
        for _ in range(EACH):
            request = shop.reviewed(line, account)
            began = perf_counter()
            answer = line.ask(request)
            took.append(perf_counter() - began)
            if answer.status != 303:
                raise RuntimeError(f"a press answers {answer.status}")
        return Block(min(took))

    press()
    calls = [one for one in shop.asked(last) if one["method"] == "POST" and one["path"] == "/v1/payment_intents"][:1]
    if not calls:
        raise RuntimeError("the press has asked Stripe nothing")
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    def alone() -> Block:
        took = []
        for _ in range(EACH):
            began = perf_counter()
            for call in calls:
                said = {**form, "Idempotency-Key": secrets.token_hex(16)}
                shop.stripe.post(call["path"], content=call["body"], headers=said).raise_for_status()
            took.append(perf_counter() - began)
        return Block(min(took))

    return {"press": press, "stripe": alone}


@contextmanager
def by_hand(folder: Path) -> Iterator[Callable[[str], None]]:
    """Writes the row of one event, over a connection that stays."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(embedded.dsn(folder)))
        try:
            yield lambda name: runner.run(connection.execute(NOTED, name)) and None
        finally:
            runner.run(connection.close())


def events(shop: Shop, line: Line, write: Callable[[str], None]) -> dict[str, Any]:
    def signed() -> bytes:
        now = int(time.time())
        body = json.dumps(
            {
                "id": f"evt_{secrets.token_hex(12)}", "object": "event", "type": "charge.updated", "created": now,
                "livemode": False, "data": {"object": {"id": "ch_none", "object": "charge"}},
            }
        )  # fmt: skip
        seal = hmac.new(shop.secret.encode(), f"{now}.{body}".encode(), "sha256").hexdigest()
        sealed = f"t={now},v1={seal}"
        return shop.person.post_plain(
            "/hooks/stripe", body.encode(), Content_Type="application/json", Stripe_Signature=sealed
        )

    def event() -> Block:
        took = []
        for _ in range(EACH * 5):
            request = signed()
            began = perf_counter()
            answer = line.ask(request)
            took.append(perf_counter() - began)
            if answer.status != 200:
                raise RuntimeError(f"an event answers {answer.status}")
        return Block(sorted(took)[len(took) // 2])

    def hand() -> Block:
        took = []
        for _ in range(EACH * 5):
            name = f"evt_{secrets.token_hex(12)}"
            began = perf_counter()
            write(name)
            took.append(perf_counter() - began)
        return Block(sorted(took)[len(took) // 2])

    return {"event": event, "hand": hand}
