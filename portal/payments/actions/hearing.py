"""Events of Stripe's are nudges: each is kept once, and then the object that it names is asked for anew.

So it does not matter in which order they come, how often, how late, or whether one is lost: what is applied is how
things stand, and nothing goes back from an end.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from portal import clock, outbox
from portal.access import Viewer
from portal.database import fetch, transaction
from portal.payments import books, gateway
from portal.payments.actions import charging, disputing, following, refunding, setting_up
from portal.payments.bank.tables import StripeEvent
from portal.payments.gateway import Refusal, Told
from portal.payments.tables import CardSetup, PaymentAttempt

ACTOR = "heed"
ENDED = ("succeeded", "processing")
NOTE = """
INSERT INTO stripe_event (event, kind, subject, received_at, handled_at) VALUES ({}, {}, {}, {}, {})
 ON CONFLICT (event) DO NOTHING RETURNING id
"""


async def note(viewer: Viewer, told: Told) -> None:
    """Kept, and an errand beside it, in one transaction: Stripe may forget it after our answer."""
    now = clock.now()
    about = _about(told.kind)
    async with transaction():
        rows = await fetch(NOTE, told.id[:80], told.kind[:80], told.subject[:120], now, None if about else now)
        if rows and about:
            await outbox.send_on(ACTOR, rows[0]["id"], f"{ACTOR}:{rows[0]['id']}")


async def heed(viewer: Viewer, event_id: int) -> None:
    """Not inside a transaction. Raises `gateway.Unknown` and `gateway.Refusal`: then it is done again later."""
    row = await StripeEvent.objects().get(StripeEvent.id == event_id)
    assert row is not None
    about = _about(row.kind)
    if row.handled_at is None and about is not None:
        try:
            await about(viewer, row.subject)
        except Refusal as refusal:
            if refusal.code != books.MISSING:
                raise
        await fetch(
            "UPDATE stripe_event SET handled_at = {} WHERE id = {} AND handled_at IS NULL", clock.now(), event_id
        )


async def payment(viewer: Viewer, name: str) -> None:
    """One that names no attempt of ours is somebody else's: the nightly comparison sees it."""
    found = await gateway.intent(name)
    row = await _attempt(found.attempt)
    if row is None:
        return
    if row.session and found.status not in ENDED:
        await charging.go_on(viewer, row.id)  # on Stripe's page the next card may still be tried
    else:
        await charging.settle(viewer, row.id, found)


async def page(viewer: Viewer, name: str) -> None:
    """Of a payment, or of a card. Once more where its name has not been noted yet."""
    found = await gateway.page(name)
    if row := await _attempt(found.ours):
        row = await charging.go_on(viewer, row.id)
        await charging.go_on(viewer, row.id)
    elif found.subject.startswith("seti_"):
        await card_setup(viewer, found.subject)


async def card_setup(viewer: Viewer, name: str) -> None:
    found = await gateway.setup(name)
    public = _uuid(found.setup)
    row = await CardSetup.objects().get(CardSetup.public == public) if public else None
    if row is not None:
        await setting_up.settle_setup(viewer, row.id, found)


async def refund(viewer: Viewer, name: str) -> None:
    await refunding.hear(viewer, await gateway.refund(name))


async def charge(viewer: Viewer, name: str) -> None:
    """Something of it went back: all that did."""
    async for one in gateway.refunds(charge=name):
        await refunding.hear(viewer, one)


async def dispute(viewer: Viewer, name: str) -> None:
    await disputing.hear(viewer, await books.dispute(name))


HEEDED: dict[str, Callable[[Viewer, str], Awaitable[None]]] = {
    "payment_intent.": payment,
    "checkout.session.": page,
    "setup_intent.": card_setup,
    "charge.refunded": charge,
    "charge.refund.": refund,
    "refund.": refund,
    "charge.dispute.": dispute,
    "payment_method.": following.look_at_card,
    "customer.deleted": following.look_at_customer,
}


def _about(kind: str) -> Callable[[Viewer, str], Awaitable[None]] | None:
    return next((about for beginning, about in HEEDED.items() if kind.startswith(beginning)), None)


async def _attempt(public: str) -> PaymentAttempt | None:
    named = _uuid(public)
    return await PaymentAttempt.objects().get(PaymentAttempt.public == named) if named else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
