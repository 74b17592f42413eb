"""A time may be free: whoever waits for one is asked."""

import dramatiq

import tasks.broker  # noqa: F401
from portal import outbox
from portal.access import Viewer
from portal.outbox import Leased
from portal.waitlist.actions import offers
from tasks.actors import carry_out


@dramatiq.actor
async def offer(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, ask)


async def ask(errand: Leased) -> None:
    """Each offer is a transaction of its own: asked again, it goes on where it was."""
    await offers.offer_next(Viewer.portal("wait list"))
    await outbox.settle(errand)
