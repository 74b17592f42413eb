"""What is owed to a client stands in the review queue, and leaves it when it is owed no more."""

from portal.access import Permission, Viewer
from portal.database import fetch, transaction
from portal.estimates import kinds
from portal.estimates.queries import owing
from portal.outbox import Event
from portal.practice import queries as practices
from portal.review import actions as review
from portal.review import deadlines

CLOCK = Viewer.portal("estimates")


async def look_again(event: Event) -> None:
    """After whatever changes a client's visits or insurance."""
    if event.client_id is not None:
        await mind(CLOCK, event.client_id)


async def mind_all(viewer: Viewer) -> None:
    """By the clock: visits come, insurance begins, and the practice turns its reminders off."""
    for client_id in await owing.clients(viewer, kinds.DUE.name):
        await mind(viewer, client_id)


async def mind(viewer: Viewer, client_id: int, outcome: str = "needless") -> None:
    """However often it is asked. `outcome` says why something is owed no more.

    The last lock that anybody takes: what else follows from an event may hold other clients' charts.
    """
    zone = (await practices.practice(viewer)).time_zone
    async with transaction():
        await fetch("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"estimates:{client_id}")
        found = await owing.duties(viewer, client_id)
        for subject_id, due_on in sorted(found.due.items()):
            await review.open_item(
                viewer, kinds.DUE.name, subject_id, kinds.address(client_id, appointment=subject_id), client_id,
                deadlines.about(due_on, zone), needs=Permission.ESTIMATE_GIVE,
            )  # fmt: skip
        for subject_id in sorted(await owing.reminded(viewer, client_id, kinds.DUE.name) - found.due.keys()):
            why = "missed" if subject_id in found.missed else outcome
            await review.settle_items(viewer, [kinds.DUE.name], subject_id, why)
