"""An announcement goes out: one portion, and an errand for the next."""

import dramatiq

import tasks.broker  # noqa: F401
from portal import clock, outbox
from portal.access import Viewer
from portal.announcements.actions import spreading
from portal.database import transaction
from portal.outbox import Leased
from tasks.actors import carry_out


@dramatiq.actor
async def spread(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, hand_out)


async def hand_out(errand: Leased) -> None:
    """A worker that dies here leaves the portion undone as a whole, and its errand to the next worker."""
    async with transaction():
        if await spreading.send_portion(Viewer.portal("announcement"), errand.subject_id):
            due = clock.now() + spreading.PAUSE
            await outbox.send_on("spread", errand.subject_id, f"spread:{errand.subject_id}:{errand.id}", due)
        await outbox.settle(errand)
