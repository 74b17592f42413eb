"""A file waits until clamd has looked into it."""

import dramatiq

import tasks.broker  # noqa: F401
from portal import outbox
from portal.access import Viewer
from portal.messages.actions import attaching
from portal.outbox import Leased
from tasks.actors import carry_out


@dramatiq.actor
async def scan(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, look)


async def look(errand: Leased) -> None:
    """Where clamd is away, the outbox tries again."""
    await attaching.look_into(Viewer.portal("virus scan"), errand.subject_id)
    await outbox.settle(errand)
