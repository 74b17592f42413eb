"""What happens when somebody presses a button, in a process of its own, so that it may die in the middle.

`submit ACCOUNT CLIENT PUBLIC`, `refund STAFF PAYMENT CENTS KEY`, or `stream ACCOUNT:CLIENT,… STAFF` without an end.
"""

import asyncio
import random
import sys
from contextlib import suppress
from uuid import UUID, uuid4

import httpx

from portal import database
from portal.access import Role, Viewer
from portal.accounts import sessions
from portal.billing.actions import returning
from portal.billing.actions.returning import Back
from portal.database import fetch
from portal.payments.actions import attempts, charging, refunding
from portal.payments.queries import attempts as asked
from portal.payments.tables import PaymentAttempt
from portal.refusal import Refused
from portal.settings import settings

CARDS = ("visa", "visa", "mastercard", "visa", "chargeDeclined", "authenticationRequired")
CONSENT = "It may be charged when you ask for it."
REFUNDABLE = """
SELECT id FROM payment WHERE method = 'card' AND NOT is_refund AND reversed_at IS NULL ORDER BY random() LIMIT 1
"""


async def press(viewer: Viewer, client_id: int, public: UUID) -> None:
    row = await PaymentAttempt.objects().get(PaymentAttempt.public == public)
    assert row is not None
    await charging.submit(viewer, client_id, public, charging.as_seen(row))


async def refund(viewer: Viewer, payment_id: int, cents: int, key: str) -> None:
    parts = await returning.returnable(viewer, payment_id)
    line = next(iter(parts))
    await refunding.ask(viewer, payment_id, Back("card", "In a test", {line: cents}, key=key))


async def stream(viewers: list[tuple[Viewer, int]], biller: Viewer) -> None:
    while True:
        with suppress(Refused, StopIteration, RuntimeError):
            viewer, client_id = random.choice(viewers)
            await pay(viewer, client_id)
            if random.random() < 0.25 and (found := await fetch(REFUNDABLE)):
                await refund(biller, found[0]["id"], random.randint(1, 60), str(uuid4()))


async def pay(viewer: Viewer, client_id: int) -> None:
    if await asked.under_way(viewer, client_id):
        await asyncio.sleep(0.05)
        return
    public = await attempts.begin(viewer, client_id, random.randint(60, 120))
    name = random.choice(CARDS)
    await attempts.choose_new(
        viewer, client_id, public, await token(name), saves=random.random() < 0.1, makes_default=False, consent=CONSENT
    )
    await press(viewer, client_id, public)


async def token(card: str) -> str:
    config = settings()
    async with httpx.AsyncClient() as http:
        answer = await http.post(
            f"{config.stripe_api}/v1/test_helpers/confirmation_tokens",
            data={"payment_method": f"pm_card_{card}"},
            headers={"Authorization": f"Bearer {config.stripe_key}"},
        )
    return str(answer.json()["id"])


async def main(what: str, *words: str) -> None:
    async with database.pool(max_size=4):
        if what == "submit":
            await press(await seen(words[0]), int(words[1]), UUID(words[2]))
        elif what == "refund":
            await refund(staff(words[0]), int(words[1]), int(words[2]), words[3])
        else:
            told = [one.split(":") for one in words[0].split(",")]
            await stream([(await seen(account), int(client)) for account, client in told], staff(words[1]))


async def seen(account_id: str) -> Viewer:
    viewer = await sessions.viewer_of(int(account_id))
    assert viewer is not None
    return viewer


def staff(id: str) -> Viewer:
    return Viewer(staff_id=int(id), role=Role.BILLER)


if __name__ == "__main__":
    dsn = settings().database_url
    assert dsn is not None
    database.connect_to(dsn)
    asyncio.run(main(*sys.argv[1:]))
