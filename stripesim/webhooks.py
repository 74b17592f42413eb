"""Brings events to the portal until it says that it has them, over restarts of either."""

import hashlib
import hmac
import json
import random
import threading
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from stripesim.calls import public
from stripesim.store import Store

PATIENCE = 10
LONGEST_WAIT = 60
GIVE_UP_AFTER = 60
IDLE = 5.0


class Postman(threading.Thread):
    def __init__(self, store: Store, address: str, secret: str) -> None:
        super().__init__(daemon=True)
        self.store = store
        self.address = address
        self.secret = secret
        self.nudge = threading.Event()

    def run(self) -> None:
        while True:
            self.nudge.wait(self.until_next())
            self.nudge.clear()
            if not self.store.switches.pause:
                self.round()

    def until_next(self) -> float:
        due = self.store.rows("SELECT min(due) FROM delivery WHERE state = 'waiting'")[0][0]
        if due is None or self.store.switches.pause:
            return IDLE
        return min(max(due - time.time(), 0), IDLE)

    def round(self) -> None:
        order = "due, number DESC" if self.store.switches.reorder else "due, number"
        due = self.store.rows(
            f"SELECT number, event, attempts FROM delivery WHERE state = 'waiting' AND due <= ? ORDER BY {order}",
            time.time(),
        )
        for number, event, attempts in due:
            if self.store.switches.pause:
                return
            said = self.bring(event)
            self.note(number, attempts + 1, said)

    def bring(self, event: str) -> str:
        """What the portal answered: a status, or why there was none."""
        if random.random() < self.store.switches.drop:
            return "dropped"
        body = json.dumps(public(self.store.find(event)), indent=2).encode()
        header = signature(body, "whsec_of_somebody_else" if self.store.switches.bad_signature else self.secret)
        try:
            return str(post(self.address, body, {"Stripe-Signature": header}))
        except (OSError, HTTPException) as trouble:
            return type(trouble).__name__

    def note(self, number: int, attempts: int, said: str) -> None:
        is_there = len(said) == 3 and said.startswith("2")
        state = "done" if is_there else "failed" if attempts >= GIVE_UP_AFTER else "waiting"
        again = time.time() + min(self.store.switches.back_off * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
        with self.store.transaction():
            self.store.rows(
                "UPDATE delivery SET attempts = ?, state = ?, said = ?, due = ? WHERE number = ?",
                attempts, state, said, again, number,
            )  # fmt: skip


def signature(body: bytes, secret: str, moment: int | None = None) -> str:
    moment = int(time.time()) if moment is None else moment
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={signed.hexdigest()}"


def post(address: str, body: bytes, headers: dict[str, str]) -> int:
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    link = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0 (stand-in)"} | headers
        link.request("POST", path, body, headers)
        return link.getresponse().status
    finally:
        link.close()
