"""From a request under /v1 to its answer: who asks, what, whether it was answered before."""

import hashlib
import json
import sys
import threading
import time
import traceback
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stripesim import SECRET_KEY
from stripesim.api import (
    charges,
    checkout_sessions,
    confirmation_tokens,
    customers,
    disputes,
    events,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
)
from stripesim.api.expansion import expand
from stripesim.calls import ENDPOINTS, VERSION, Call, Endpoint, public
from stripesim.faults import Fault, Faults
from stripesim.forms import checked, decode
from stripesim.refusal import Refused
from stripesim.store import Store, new_id

NOUNS = (
    charges,
    checkout_sessions,
    confirmation_tokens,
    customers,
    disputes,
    events,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
)
KEPT_FOR = 24 * 3600
LONGEST_KEY = 255


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    is_lost: bool = False


@dataclass
class Request:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: str
    id: str = field(default_factory=lambda: new_id("req"))

    @property
    def key(self) -> str | None:
        return self.headers.get("idempotency-key") if self.method == "POST" else None


class Dispatch:
    def __init__(self, store: Store, faults: Faults, address: str) -> None:
        self.store = store
        self.faults = faults
        self.address = address
        self.under_way: set[str] = set()
        self.door = threading.Lock()

    def answer(self, request: Request, fault: Fault | None) -> Answer:
        try:
            insist_secret_key(request.headers)
            if fault and fault.kind == "429":
                raise Refused("Request rate limit exceeded.", status=429, code="rate_limit", is_kept=False)
            answer = self.once(request, fault)
        except Refused as refused:
            answer = self.told(request, refused.status, {"error": refused.error})
        except Exception:  # a fault of the stand-in itself: nothing of it is kept
            traceback.print_exc(file=sys.stderr)
            said = {"message": "The stand-in has a fault: see what it wrote.", "type": "api_error"}
            answer = self.told(request, 500, {"error": said})
        answer.is_lost = fault is not None and fault.kind == "answer_lost"
        answer.headers |= {"Request-Id": request.id, "Stripe-Version": VERSION}
        if request.key:
            answer.headers["Idempotency-Key"] = request.key
        return answer

    def once(self, request: Request, fault: Fault | None) -> Answer:
        """Two calls under one key never run beside each other: the second is told so, and asks again."""
        key = request.key
        if key is None:
            return self.run(request, fault)
        if len(key) > LONGEST_KEY:
            raise Refused(f"Idempotency keys can be at most {LONGEST_KEY} characters.", is_kept=False)
        with self.door:
            if key in self.under_way:
                raise Refused(
                    f"There is currently another in-progress request using this Idempotent Key (that probably means "
                    f"you submitted twice, and the other request is still going through): {key}. Please try again "
                    f"later.",
                    status=409,
                    kind="idempotency_error",
                    code="idempotency_key_in_use",
                    is_kept=False,
                )
            self.under_way.add(key)
        try:
            return self.run(request, fault)
        finally:
            with self.door:
                self.under_way.discard(key)

    def run(self, request: Request, fault: Fault | None) -> Answer:
        if fault and fault.kind == "stall":
            time.sleep(fault.seconds)
        endpoint, names = found(request)
        given = decode(request.body if request.method == "POST" else request.query)
        asked = digest(request, given)
        with self.store.lock:
            if before := self.answered_before(request.key, asked):
                return before
            given = checked(given, endpoint.shape)
            call = Call(self.store, self.address, request.key, request.id)
            with self.store.transaction():
                status, body = self.act(call, endpoint, given, names, fault)
                answer = self.told(request, status, body)
                if request.key:
                    self.store.rows(
                        "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?)",
                        request.key, asked, status, answer.body.decode(), self.store.now(), request.id,
                    )  # fmt: skip
        return answer

    def act(
        self, call: Call, endpoint: Endpoint, given: dict[str, Any], names: dict[str, str], fault: Fault | None
    ) -> tuple[int, Any]:
        """A declined card leaves its traces; whatever else is refused leaves none."""
        self.store.rows("SAVEPOINT act")
        try:
            if fault and fault.kind == "500":
                said = {"message": "An unknown error occurred.", "type": "api_error"}
                return 500, {"error": said}
            paths = given.pop("expand", [])
            return 200, public(expand(self.store, endpoint.act(call, given, **names), paths))
        except Refused as refused:
            if not refused.is_kept:
                raise
            if refused.status != 402:
                self.store.rows("ROLLBACK TO act")
                call.has_told = False
            return refused.status, {"error": refused.error}
        finally:
            self.store.rows("RELEASE act")

    def answered_before(self, key: str | None, asked: str) -> Answer | None:
        if key is None:
            return None
        rows = self.store.rows("SELECT asked, status, body, kept_at, request FROM answer WHERE key = ?", key)
        if not rows or rows[0][3] < self.store.now() - KEPT_FOR:
            return None
        before, status, body, _, first = rows[0]
        if before != asked:
            raise Refused(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
                is_kept=False,
            )
        again = {"Idempotent-Replayed": "true", "Original-Request": first}
        return Answer(status, body.encode(), again | no_use(status, key))

    def told(self, request: Request, status: int, body: Any) -> Answer:
        self.store.rows(
            "INSERT INTO request (id, at, method, path, body, key, status) VALUES (?, ?, ?, ?, ?, ?, ?)",
            request.id, time.time(), request.method, request.path,
            request.body or request.query, request.key, status,
        )  # fmt: skip
        return Answer(status, json.dumps(body, indent=2).encode(), no_use(status, request.key))


def no_use(status: int, key: str | None) -> dict[str, str]:
    """Under the same key a fault of the server would only be told again."""
    return {"Stripe-Should-Retry": "false"} if status == 500 and key else {}


def insist_secret_key(headers: Mapping[str, str]) -> None:
    kind, _, said = headers.get("authorization", "").partition(" ")
    if kind == "Basic":
        said = b64decode(said + "==").decode(errors="replace").partition(":")[0]
    if not said:
        raise Refused("You did not provide an API key. TEST MODE: this is a stand-in for Stripe.", status=401)
    if not said.startswith(SECRET_KEY):
        raise Refused(f"Invalid API Key provided: {said[:8]}****. TEST MODE: {SECRET_KEY}… only.", status=401)


def found(request: Request) -> tuple[Endpoint, dict[str, str]]:
    for endpoint in ENDPOINTS:
        if endpoint.method == request.method and (match := endpoint.path.fullmatch(request.path)):
            return endpoint, match.groupdict()
    raise Refused(
        f"Unrecognized request URL ({request.method}: {request.path}). The stand-in does not know it.",
        status=404,
        is_kept=False,
    )


def digest(request: Request, given: dict[str, Any]) -> str:
    said = json.dumps([request.method, request.path, given], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
