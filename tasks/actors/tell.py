"""Five minutes after a message: whoever has not read it hears of it."""

import dramatiq

import tasks.broker  # noqa: F401
from portal import outbox
from portal.access import Viewer
from portal.database import transaction
from portal.messages.actions import telling
from portal.outbox import Leased
from tasks.actors import carry_out


@dramatiq.actor
async def tell(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, hear)


async def hear(errand: Leased) -> None:
    async with transaction():
        await telling.tell(Viewer.portal("letters"), errand.subject_id)
        await outbox.settle(errand)
