"""What is asked of Stripe in the background: attempts of which nobody knows the end, and what is said of cards."""

from datetime import datetime

import dramatiq

import tasks.broker  # noqa: F401
from portal import faults, outbox
from portal.access import Viewer
from portal.autopay.actions import charging as by_itself
from portal.database import transaction
from portal.outbox import Leased
from portal.payments.actions import hearing, keeping, minding, minding_setups, refunding
from tasks.actors import carry_out

STRIPE = Viewer.portal("card payment")
AUTOPAY = Viewer.portal("autopay")


@dramatiq.actor
async def charge(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, look_after)


@dramatiq.actor
async def put_on_file(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, look_after_setup)


@dramatiq.actor
async def mind_cards(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, tell_of_cards)


@dramatiq.actor
async def autopay(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, pay_by_itself)


async def pay_by_itself(errand: Leased) -> None:
    await _come_back(errand, await by_itself.charge(AUTOPAY, errand.subject_id))


@dramatiq.actor
async def give_back(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, look_after_refund)


@dramatiq.actor
async def heed(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, listen)


async def look_after(errand: Leased) -> None:
    """Stripe is asked outside the transaction; what it says is posted in its own, and is safe to say again."""
    await _come_back(errand, await minding.mind(STRIPE, errand.subject_id))


async def look_after_setup(errand: Leased) -> None:
    await _come_back(errand, await minding_setups.mind(STRIPE, errand.subject_id))


async def look_after_refund(errand: Leased) -> None:
    await _come_back(errand, await refunding.mind(STRIPE, errand.subject_id))


async def listen(errand: Leased) -> None:
    await hearing.heed(STRIPE, errand.subject_id)
    faults.point("heeded")
    async with transaction():
        await outbox.settle(errand)


async def _come_back(errand: Leased, again: datetime | None) -> None:
    """In another errand, so that a week of waiting is no row of failures."""
    faults.point("minded")
    async with transaction():
        if again is not None:
            await outbox.send_on(
                errand.actor, errand.subject_id, f"{errand.actor}:{errand.subject_id}:{errand.id}", again
            )
        await outbox.settle(errand)


async def tell_of_cards(errand: Leased) -> None:
    await keeping.tell_stripe(STRIPE, errand.subject_id)
    async with transaction():
        await outbox.settle(errand)
