"""Stripe's post, carried by hand: each event as it was signed, in whatever order and as often as a test likes."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from stripesim.webhooks import signature
from tests.browser import Browser
from tests.payments.factories import Desk
from tests.tasks.post import work_through

HOOK = "/hooks/stripe"


@dataclass
class Post:
    desk: Desk
    known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.known = {one["id"] for one in self._listed()}

    def new(self) -> list[dict[str, Any]]:
        """What has happened at Stripe since, the oldest first."""
        found = [one for one in reversed(self._listed()) if one["id"] not in self.known]
        self.known |= {one["id"] for one in found}
        return found

    def _listed(self) -> list[dict[str, Any]]:
        key = {"Authorization": f"Bearer {self.desk.stripe.secret_key}"}
        answer = httpx.get(f"{self.desk.stripe.url}/v1/events", headers=key, params={"limit": "100"})
        return list(answer.json()["data"])

    async def bring(self, *events: dict[str, Any], works: bool = True, nothing_is_all: bool = True) -> None:
        """And what they nudge is done."""
        for one in events or (self.new() if nothing_is_all else []):
            assert (await self.send(json.dumps(one).encode())).status_code == 200
        if works:
            await work_through("heed")

    async def send(self, body: bytes, secret: str = "", moment: int | None = None, **headers: str) -> httpx.Response:
        signed = signature(body, secret or self.desk.stripe.webhook_secret, moment)
        async with Browser() as browser:
            return await browser.http.post(
                HOOK, content=body, headers={"Stripe-Signature": signed, "Content-Type": "application/json", **headers}
            )
