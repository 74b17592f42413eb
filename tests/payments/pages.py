"""Maya's way through the pages of Pay Now, in either browser."""

import re
from dataclasses import dataclass
from typing import Any

from tests.browser import Browser, Page
from tests.payments.factories import Desk

STEP = re.compile(r"/payments/([0-9a-f-]{36})")


@dataclass
class Way:
    desk: Desk
    browser: Browser

    @property
    def account(self) -> str:
        return f"/clients/{self.desk.client}/account"

    @property
    def new(self) -> str:
        return f"{self.account}/payments/new"

    async def at_card(self, **typed: Any) -> Page:
        """Amount is behind: the page of the card."""
        page = await self.browser.get(self.new)
        return await self.browser.press(page, "/payments/new", typed or {"which": "whole"})

    async def at_review(self, card: str | int = "visa", amount: dict[str, Any] | None = None, **typed: Any) -> Page:
        """A name is a new card that Stripe's script has made a token for, a number one on file, "" Stripe's page."""
        page = await self.at_card(**(amount or {}))
        told = {"card": card if isinstance(card, int) else "new"}
        if card and isinstance(card, str):
            told["token"] = self.desk.token(card)
        return await self.browser.press(page, "/card", {**told, **typed})

    async def paid(self, card: str | int = "visa", **more: Any) -> Page:
        return await self.browser.press(await self.at_review(card, **more), "/review")


def step(page: Page, name: str = "") -> str:
    """The address of another step of the same payment."""
    found = re.match(r"(.*/payments/[0-9a-f-]{36})", page.path)
    assert found, page.path
    return found[1] + (f"/{name}" if name else "")
