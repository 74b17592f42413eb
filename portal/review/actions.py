"""Features open items for staff and settle them from their own actions."""

from portal import clock
from portal.access import Viewer
from portal.database import fetch


async def open_item(viewer: Viewer, kind: str, subject_id: int, url: str, client_id: int | None = None) -> None:
    """Once while it is open: a second reason for the same subject changes nothing."""
    await fetch(
        "INSERT INTO review_item (kind, subject_id, client, url, opened_at) VALUES ({}, {}, {}, {}, {})"
        " ON CONFLICT (kind, subject_id) WHERE settled_at IS NULL DO NOTHING",
        kind,
        subject_id,
        client_id,
        url,
        clock.now(),
    )


async def settle_items(viewer: Viewer, kinds: list[str], subject_id: int) -> None:
    """Settled by what was done elsewhere; nothing open is no error."""
    await fetch(
        "UPDATE review_item SET settled_at = {}, settled_by = {}"
        " WHERE kind = ANY({}::text[]) AND subject_id = {} AND settled_at IS NULL",
        clock.now(),
        viewer.staff_id,
        kinds,
        subject_id,
    )
