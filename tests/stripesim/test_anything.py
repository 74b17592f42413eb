"""Whatever is asked in whatever order: the stand-in has no fault of its own, and no answer is unlike Stripe's."""

import random
import re
from collections import Counter, defaultdict

import httpx
import pytest

from stripesim.calls import Endpoint
from stripesim.dispatch import ENDPOINTS
from stripesim.forms import hints_of
from tests.stripesim.conformance import faults

USUAL = {
    "amount": "900",
    "currency": "usd",
    "confirm": "true",
    "return_url": "https://portal.example/back",
    "success_url": "https://portal.example/done",
    "line_items[0][price_data][currency]": "usd",
    "line_items[0][price_data][unit_amount]": "900",
    "line_items[0][price_data][product_data][name]": "Payment",
}
CARDS = ("pm_card_visa", "pm_card_authenticationRequired", "pm_card_visa_chargeDeclined", "pm_card_createDispute")
ODD = (
    "",
    "0",
    "-1",
    "true",
    "card",
    "x" * 600,
    "\x00",
    "é",
    "setup",
    "9" * 20,
    "off_session",
    "latest_charge",
    "[",
    "[]",
)
INNER = ("", "0", "a", "enabled", "default_payment_method", "gte", "card", "address", "][")
NOUNS = {"customers": "customer", "payment_methods": "payment_method", "payment_intents": "payment_intent",
         "setup_intents": "setup_intent", "confirmation_tokens": "confirmation_token", "charges": "charge",
         "refunds": "refund", "disputes": "dispute", "events": "event", "sessions": "checkout.session",
         "balance_transactions": "balance_transaction"}  # fmt: skip
ASKED = 400


class Asker:
    def __init__(self, client: httpx.Client, seed: int) -> None:
        self.client = client
        self.random = random.Random(seed)
        self.known: dict[str, list[str]] = defaultdict(list)
        self.answers: Counter[int] = Counter()

    def some(self, kind: str) -> str:
        return self.random.choice(self.known[kind] or ["none_of_these"])

    def path(self, endpoint: Endpoint) -> str:
        noun = next(word for word in reversed(endpoint.path.pattern.split("/")) if word in NOUNS)
        kind = "customer" if "P<customer>" in endpoint.path.pattern else NOUNS[noun]
        return re.sub(r"\(\?P<\w+>[^)]*\)", lambda _: self.some(kind), endpoint.path.pattern)

    def words(self, endpoint: Endpoint) -> dict[str, str]:
        names = set(hints_of(endpoint.shape))
        said = {} if endpoint.method == "GET" else {n: v for n, v in USUAL.items() if n.split("[")[0] in names}
        if "amount" in said and "reason" in names:
            said["amount"] = str(self.random.randint(1, 900))
        if "payment_method" in names and endpoint.method == "POST":
            said["payment_method"] = self.random.choice([*CARDS, self.some("payment_method")])
        for name in ("customer", "payment_intent"):
            if name in names and self.random.random() < 0.5:
                said[name] = self.some(name)
        if "confirmation_token" in names and self.random.random() < 0.3:
            said["confirmation_token"] = self.some("confirmation_token")
            said.pop("payment_method", None)
        if self.random.random() < 0.35:
            name = self.random.choice(sorted(names | {"expand"}))
            name += self.random.choice(["", "", f"[{self.random.choice(INNER)}]"])
            said[name] = self.random.choice([*ODD, self.some("customer")])
        return said

    def ask(self) -> None:
        endpoint = self.random.choice(ENDPOINTS)
        path, said = self.path(endpoint), self.words(endpoint)
        key = {"Idempotency-Key": str(self.random.randint(0, 9))} if self.random.random() < 0.1 else {}
        words = {"data": said} if endpoint.method == "POST" else {"params": said}
        answer = self.client.request(endpoint.method, path, headers=key, **words)
        assert answer.status_code < 500 and faults(answer.json()) == [], (endpoint.method, path, said)
        self.answers[answer.status_code] += 1
        self.learn(answer.json())

    def learn(self, said: dict) -> None:
        for one in said["data"] if said.get("object") == "list" else [said]:
            if "id" in one and "object" in one:
                self.known[one["object"]].append(one["id"])


@pytest.mark.parametrize("seed", [1, 2])
def test_anything(sim, seed):
    with httpx.Client(base_url=sim.url, headers={"Authorization": f"Bearer {sim.secret_key}"}) as client:
        asker = Asker(client, seed)
        for _ in range(ASKED):
            asker.ask()
    assert asker.answers[200] > ASKED / 4 and asker.answers[400] and asker.answers[402] and asker.answers[404]
    assert {"payment_intent", "setup_intent", "charge", "refund", "checkout.session"} <= set(asker.known)


def test_no_client_got_more_back_than_was_paid(sim, ours):
    """After all of the above."""
    for charge in ours.v1.charges.list({"limit": 100}).auto_paging_iter():
        given_back = sum(
            one.amount for one in ours.v1.refunds.list({"charge": charge.id, "limit": 100}).auto_paging_iter()
        )
        assert given_back == charge.amount_refunded <= charge.amount
        assert charge.amount_refunded == 0 or charge.status == "succeeded"
