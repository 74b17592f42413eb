"""Whether the nightly check has found something wrong with an account."""

from portal.access import Permission, Viewer
from portal.billing.kinds import FAULT
from portal.database import fetch

IS_OPEN = "SELECT id FROM review_item WHERE kind = {} AND subject_id = {} AND client = {} AND settled_at IS NULL"


async def is_open(viewer: Viewer, client_id: int) -> bool:
    """Whoever asks has reached the client."""
    viewer.must(Permission.LEDGER_READ)
    return bool(await fetch(IS_OPEN, FAULT.name, client_id, client_id))
