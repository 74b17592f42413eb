"""What a test says to the stand-in beside Stripe's API: /sim/…, in JSON."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any
from urllib.parse import parse_qsl

from stripesim import cards, hosted
from stripesim.api import checkout_sessions, disputes, paying, refunds
from stripesim.calls import Call, public
from stripesim.dispatch import Answer, Request
from stripesim.faults import Faults
from stripesim.refusal import Refused, missing
from stripesim.store import Store, Switches, Thing

Act = Callable[..., Any]
ACTS: list[tuple[str, re.Pattern[str], Act]] = []
JSON = "application/json"


def at(method: str, path: str) -> Callable[[Act], Act]:
    def known(act: Act) -> Act:
        ACTS.append((method, re.compile(re.sub(r"{(\w+)}", r"(?P<\1>\\w+)", f"/sim/{path}")), act))
        return act

    return known


class Control:
    def __init__(self, store: Store, faults: Faults, address: str) -> None:
        self.store = store
        self.faults = faults
        self.address = address

    def answer(self, request: Request) -> Answer:
        try:
            said = self.act(request)
        except Refused as refused:
            return Answer(refused.status, json.dumps({"error": refused.error}).encode())
        except (TypeError, ValueError, KeyError) as trouble:
            return Answer(400, json.dumps({"error": {"message": f"{type(trouble).__name__}: {trouble}"}}).encode())
        return Answer(200, json.dumps(said, indent=2).encode())

    def act(self, request: Request) -> Any:
        """A page elsewhere in the browser cannot send JSON here without asking, and is not answered then; nor is one
        that calls this machine by another name."""
        if request.headers.get("host", "").rsplit(":", 1)[0] not in ("127.0.0.1", "localhost"):
            raise Refused("The stand-in's own addresses are for this machine.", status=403)
        if request.method == "POST" and request.headers.get("content-type", "").split(";")[0] != JSON:
            raise Refused("The stand-in's own addresses take JSON.", status=415)
        for method, path, act in ACTS:
            if method == request.method and (match := path.fullmatch(request.path)):
                given = json.loads(request.body or "{}") if request.method == "POST" else dict(parse_qsl(request.query))
                with self.store.transaction():
                    return act(self, given, **match.groupdict())
        raise missing("address", request.path)

    @property
    def call(self) -> Call:
        return Call(self.store, self.address)

    @at("GET", "counters")
    def counters(self, given: dict[str, Any]) -> Any:
        """Of all charges, or of those with this metadata: `?attempt=17`."""
        charges = [one for one in self.store.all("charge") if carries(one, given)]
        good = [one for one in charges if one["status"] == "succeeded"]
        back = [one for one in self.store.all("refund") if any(one["charge"] == c["id"] for c in good)]
        back = [one for one in back if one["status"] == "succeeded"]
        intents = [one for one in self.store.all("payment_intent") if carries(one, given)]
        return {
            "charges": len(good),
            "charged": sum(one["amount"] for one in good),
            "failed": sum(one["status"] == "failed" for one in charges),
            "refunds": len(back),
            "refunded": sum(one["amount"] for one in back),
            "payment_intents": Counter(one["status"] for one in intents),
        }

    @at("GET", "requests")
    def requests(self, given: dict[str, Any]) -> Any:
        """Everything that was asked under /v1, word for word, the oldest first: `?after=number`."""
        names = ("number", "id", "at", "method", "path", "body", "key", "status")
        rows = self.store.rows(
            f"SELECT {', '.join(names)} FROM request WHERE number > ? ORDER BY number", int(given.get("after", 0))
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    @at("GET", "webhooks")
    def switches(self, given: dict[str, Any]) -> Any:
        return asdict(self.store.switches)

    @at("POST", "webhooks")
    def switch(self, given: dict[str, Any]) -> Any:
        """What is not named goes back to its usual value."""
        unknown = set(given) - {field.name for field in fields(Switches)}
        if unknown:
            raise ValueError(f"no such switch: {', '.join(sorted(unknown))}")
        self.store.switches = Switches(**given)
        return asdict(self.store.switches)

    @at("GET", "deliveries")
    def deliveries(self, given: dict[str, Any]) -> Any:
        names = ("number", "event", "due", "attempts", "state", "said")
        rows = self.store.rows(f"SELECT {', '.join(names)} FROM delivery ORDER BY number")
        found = [dict(zip(names, row, strict=True)) for row in rows]
        return {"states": Counter(one["state"] for one in found), "deliveries": found}

    @at("POST", "deliveries/now")
    def deliver_now(self, given: dict[str, Any]) -> Any:
        """Whatever waits, and `again: true` brings what has arrived already too."""
        states = ("waiting", "failed", "done" if given.get("again") else "waiting")
        self.store.rows(
            "UPDATE delivery SET due = ?, state = 'waiting' WHERE state IN (?, ?, ?)", time.time(), *states
        )  # fmt: skip
        return {}

    @at("GET", "faults")
    def ordered(self, given: dict[str, Any]) -> Any:
        return self.faults.shown()

    @at("POST", "faults")
    def order(self, given: dict[str, Any]) -> Any:
        self.faults.order(**given)
        return self.faults.shown()

    @at("DELETE", "faults")
    def forget(self, given: dict[str, Any]) -> Any:
        self.faults.forget()
        return []

    @at("POST", "clock")
    def advance(self, given: dict[str, Any]) -> Any:
        self.store.ahead += given["seconds"]
        self.store.set("ahead", self.store.ahead)
        return {"now": self.store.now()}

    @at("POST", "processing")
    def process(self, given: dict[str, Any]) -> Any:
        """The next payments that would succeed are `processing` first."""
        self.store.set("processing", int(given.get("times", 1)))
        return {}

    @at("POST", "payment_intents/{id}")
    def settle(self, given: dict[str, Any], id: str) -> Any:
        """`outcome` of what is processing: succeeded, or failed."""
        intent = self.store.get("payment_intent", id)
        if intent["status"] != "processing":
            raise Refused(f"It is {intent['status']}, not processing.")
        paying.settle(self.call, intent, outcome(given, "succeeded", "failed", cards.GENERIC))
        checkout_sessions.follow(self.call, intent)
        return public(intent)

    @at("POST", "authentications/{id}")
    def authenticate(self, given: dict[str, Any], id: str) -> Any:
        """`outcome`: what the card's owner presses on the bank's page, complete or fail."""
        return public(hosted.authenticated(self.call, id, outcome(given, "complete", "fail", False) is None))

    @at("POST", "checkout/{id}")
    def check_out(self, given: dict[str, Any], id: str) -> Any:
        """What the owner of a `card` (an alias like visa) does on the hosted page."""
        session = self.store.get("checkout.session", id)
        return public(checkout_sessions.submit(self.call, session, cards.BY_ALIAS[given["card"]], 12, 2034, {}))

    @at("POST", "refunding")
    def hold_refunds(self, given: dict[str, Any]) -> Any:
        """The next refunds are `pending` first."""
        self.store.set("refunding", int(given.get("times", 1)))
        return {}

    @at("POST", "refunds/{id}")
    def end_refund(self, given: dict[str, Any], id: str) -> Any:
        """`outcome`: succeeded, or failed, which may come after it has succeeded."""
        refund = self.store.get("refund", id)
        arrives = outcome(given, "succeeded", "failed", False) is None
        if refund["status"] == "failed" or (arrives and refund["status"] == "succeeded"):
            raise Refused(f"It is {refund['status']}.")
        return public(refunds.settle(self.call, refund, arrives=arrives))

    @at("POST", "disputes")
    def dispute(self, given: dict[str, Any]) -> Any:
        id = given.get("charge") or self.store.get("payment_intent", given["payment_intent"])["latest_charge"]
        return public(disputes.open_one(self.call, self.store.get("charge", id), given.get("reason", "fraudulent")))

    @at("POST", "disputes/{id}")
    def decide(self, given: dict[str, Any], id: str) -> Any:
        dispute = self.store.get("dispute", id)
        return public(disputes.close(self.call, dispute, is_won=outcome(given, "won", "lost", False) is None))

    @at("POST", "payment_methods/{id}")
    def renew(self, given: dict[str, Any], id: str) -> Any:
        """The bank sent its owner a new card: `exp_month`, `exp_year`."""
        method = self.store.get("payment_method", id)
        method["card"] |= {name: int(given[name]) for name in ("exp_month", "exp_year")}
        self.store.save(method)
        self.call.tell("payment_method.automatically_updated", method)
        return public(method)


def carries(thing: Thing, metadata: dict[str, str]) -> bool:
    return all(thing["metadata"].get(name) == value for name, value in metadata.items())


def outcome(given: dict[str, Any], good: str, bad: str, otherwise: Any) -> Any:
    if given["outcome"] not in (good, bad):
        raise ValueError(f"outcome is {good} or {bad}")
    return None if given["outcome"] == good else otherwise
