"""What happened is made known to whoever must act on it."""

import dramatiq

import tasks.broker  # noqa: F401
from portal import consequences, outbox
from portal.database import transaction
from portal.outbox import Event, Leased
from tasks.actors import carry_out


@dramatiq.actor
async def announce(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, follow)


async def follow(errand: Leased) -> None:
    async with transaction():
        event = await Event.objects().get(Event.id == errand.subject_id)
        assert event is not None
        await consequences.follow(event)
        await outbox.settle(errand)
