"""The ledger is checked each night. What does not add up is an item for staff, and is never mended in silence."""

from portal.access import Permission, Viewer
from portal.billing.kinds import FAULT
from portal.billing.queries import checking
from portal.billing.queries.checking import Checked
from portal.database import fetch, transaction
from portal.review import actions as review

PRACTICE = 0  # what belongs to no client: a number that is missing
OPEN = "SELECT subject_id FROM review_item WHERE kind = {} AND settled_at IS NULL"


async def check(viewer: Viewer) -> Checked:
    """One item for each client, as long as it is so; one that adds up again is settled by that."""
    found = await checking.check(viewer)
    wrong: dict[int, set[str]] = {}
    for fault in found.faults:
        wrong.setdefault(fault.client or PRACTICE, set()).add(fault.what)
    async with transaction():
        for client_id, whats in sorted(wrong.items()):
            await _open(viewer, client_id, ",".join(sorted(whats)))
        for row in await fetch(OPEN, FAULT.name):
            if row["subject_id"] not in wrong:
                await review.settle_items(viewer, [FAULT.name], row["subject_id"], "gone")
    return found


async def _open(viewer: Viewer, client_id: int, about: str) -> None:
    """Nobody finds in the queue what they may not look into."""
    if client_id == PRACTICE:
        needs = Permission.LEDGER_ADJUST
        await review.open_item(viewer, FAULT.name, PRACTICE, "/staff/billing/check", None, about, needs=needs)
    else:
        url, needs = f"/staff/clients/{client_id}/account", Permission.LEDGER_READ
        await review.open_item(viewer, FAULT.name, client_id, url, client_id, about, needs=needs)
