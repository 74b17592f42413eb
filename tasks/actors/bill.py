"""A statement run goes on: one portion of invoices, and an errand for the next."""

import dramatiq

import tasks.broker  # noqa: F401
from portal import outbox
from portal.access import Viewer
from portal.database import transaction
from portal.invoices.actions import running
from portal.outbox import Leased
from tasks.actors import carry_out


@dramatiq.actor
async def bill(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, issue)


async def issue(errand: Leased) -> None:
    """A worker that dies here leaves the portion undone as a whole, and its errand to the next worker."""
    async with transaction():
        await running.go_on(Viewer.portal("statement run"), errand.subject_id)
        await outbox.settle(errand)
