"""Maya, what she owes, and how she pays it."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import httpx

from portal.access import Viewer
from portal.accounts import sessions
from portal.billing.queries import owed
from portal.billing.queries.owed import Balance
from portal.database import fetch
from portal.payments.actions import attempts, charging
from portal.payments.tables import PaymentAttempt
from tests.billing.factories import an_encounter
from tests.cast import Cast
from tests.factories import TEST
from tests.simulated import Simulator

CONSENT = "Harbor Lane Counseling may charge this card when you ask for it."


@dataclass
class Desk:
    cast: Cast
    stripe: Simulator
    viewer: Viewer

    @classmethod
    async def opened(cls, cast: Cast, stripe: Simulator) -> Self:
        await an_encounter(cast.client)
        token = await sessions.begin(cast.accounts["client"].id, "127.0.0.1", "test")
        found = await sessions.find(token, "127.0.0.1", "test")
        assert found is not None
        return cls(cast, stripe, found.viewer)

    @property
    def client(self) -> int:
        return int(self.cast.client.id)

    def token(self, card: str = "visa") -> str:
        """As Stripe's fields in the browser make one."""
        return str(self.asked("test_helpers/confirmation_tokens", payment_method=f"pm_card_{card}")["id"])

    def asked(self, path: str, **said: str) -> Any:
        key = {"Authorization": f"Bearer {self.stripe.secret_key}"}
        answer = httpx.post(f"{self.stripe.url}/v1/{path}", data=said, headers=key)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def found(self, path: str) -> Any:
        """As Stripe has it."""
        key = {"Authorization": f"Bearer {self.stripe.secret_key}"}
        answer = httpx.get(f"{self.stripe.url}/v1/{path}", headers=key)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def deleted(self, path: str) -> None:
        key = {"Authorization": f"Bearer {self.stripe.secret_key}"}
        answer = httpx.delete(f"{self.stripe.url}/v1/{path}", headers=key)
        assert answer.status_code == 200, answer.text

    async def reviewed(
        self, card: str = "visa", amount: int | None = None, *, saves: bool = False, first: bool = False
    ) -> UUID:
        """Up to the press of the button."""
        public = await attempts.begin(self.viewer, self.client, amount)
        await attempts.choose_new(
            self.viewer, self.client, public, self.token(card), saves=saves, makes_default=first, consent=CONSENT
        )
        return public

    async def pressed(self, public: UUID) -> PaymentAttempt:
        return await charging.submit(self.viewer, self.client, public, await self.seen(public))

    async def paid(self, card: str = "visa", amount: int | None = None, **more: Any) -> PaymentAttempt:
        return await self.pressed(await self.reviewed(card, amount, **more))

    async def seen(self, public: UUID) -> str:
        return charging.as_seen(await self.row(public))

    async def row(self, public: UUID) -> PaymentAttempt:
        row = await PaymentAttempt.objects().get(PaymentAttempt.public == public)
        assert row is not None
        return row

    async def balance(self) -> Balance:
        return await owed.balance(TEST, self.client)

    async def cards(self) -> list[dict[str, Any]]:
        return await fetch("SELECT * FROM payment_card WHERE removed_at IS NULL ORDER BY is_default DESC, id")

    async def payments(self) -> list[dict[str, Any]]:
        return await fetch("SELECT * FROM payment WHERE method = 'card' ORDER BY id")

    def stripe_default(self) -> str:
        """The card that Stripe takes for the default of whoever paid last."""
        key = {"Authorization": f"Bearer {self.stripe.secret_key}"}
        newest = httpx.get(f"{self.stripe.url}/v1/customers", headers=key, params={"limit": "1"}).json()["data"][0]
        return str(newest["invoice_settings"]["default_payment_method"])

    def charged(self, public: UUID) -> tuple[int, int]:
        """How often, and how many cents."""
        told = self.stripe.ask("GET", f"counters?attempt={public}")
        return told["charges"], told["charged"]
