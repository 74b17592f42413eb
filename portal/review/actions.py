"""Features open items for staff and settle them from their own actions."""

from typing import Any

from piccolo.querystring import QueryString

from portal import audit, clock, outbox
from portal.access import Viewer
from portal.database import fetch, transaction
from portal.review.reach import free, reached


class Stale(Exception):
    """Somebody was quicker: a colleague who decided, or the client who changed their mind. Nothing was done."""


async def open_item(
    viewer: Viewer,
    kind: str,
    subject_id: int,
    url: str,
    client_id: int | None = None,
    about: str = "",
    *,
    needs: str = "",
    only_for: int | None = None,
) -> None:
    """Once while it is open: a second reason for the same subject only changes what it is about.

    A new one is an event, so that staff are told by their rules. Where it `needs` a permission, or is `only_for` a
    member of the staff, others neither see nor count it.
    """
    async with transaction():
        rows = await fetch(
            "INSERT INTO review_item (kind, subject_id, client, url, about, needs, only_for, opened_at)"
            " VALUES ({}, {}, {}, {}, {}, {}, {}, {})"
            " ON CONFLICT (kind, subject_id) WHERE settled_at IS NULL DO UPDATE SET about = excluded.about,"
            " needs = excluded.needs, only_for = excluded.only_for"
            " RETURNING id, xmax = 0 AS is_new",
            kind,
            subject_id,
            client_id,
            url,
            about[:300],
            needs,
            only_for,
            clock.now(),
        )
        if rows[0]["is_new"]:
            await outbox.record("review.opened", rows[0]["id"], client_id)


async def settle_items(
    viewer: Viewer, kinds: list[str], subject_id: int, outcome: str = "done", reason: str = ""
) -> int:
    """Settled by what was done elsewhere; nothing open is no error. Returns how many were: of two who settle, one."""
    rows = await fetch(
        "UPDATE review_item SET settled_at = {}, settled_by = {}, outcome = {}, reason = {}"
        " WHERE kind = ANY({}::text[]) AND subject_id = {} AND settled_at IS NULL RETURNING id",
        clock.now(),
        viewer.staff_id,
        outcome,
        reason,
        kinds,
        subject_id,
    )
    return len(rows)


async def turn_items(viewer: Viewer, kinds: list[str], subject_id: int, into: str) -> None:
    """What is open is of another kind from now on; it keeps its place in the queue, and staff are told once more."""
    async with transaction():
        rows = await fetch(
            "UPDATE review_item SET kind = {} WHERE kind = ANY({}::text[]) AND subject_id = {} AND settled_at IS NULL"
            " RETURNING id, client",
            into,
            kinds,
            subject_id,
        )
        for row in rows:
            await outbox.record("review.opened", row["id"], row["client"])


async def hold(viewer: Viewer, item_id: int) -> bool:
    """Whoever opens an item has it for a while, and no other beside it. False where somebody else has it."""
    return bool(await _held(viewer, item_id, free(viewer)))


async def take_over(viewer: Viewer, item_id: int) -> None:
    """Whoever has it open."""
    async with transaction():
        for row in await _held(viewer, item_id, QueryString("TRUE")):
            await audit.record(viewer, "review.taken_over", client_id=row["client"], subject_id=item_id)


async def release(viewer: Viewer) -> None:
    """Who leaves the desk, or the portal, has nothing open any more."""
    if viewer.staff_id:
        await fetch(
            "UPDATE review_item SET held_by = NULL WHERE settled_at IS NULL AND held_by = {}::bigint", viewer.staff_id
        )


async def _held(viewer: Viewer, item_id: int, is_free: QueryString) -> list[dict[str, Any]]:
    rows = await fetch(
        "UPDATE review_item SET held_by = CASE WHEN id = {} THEN {}::bigint END, held_at = {}"
        " WHERE settled_at IS NULL AND ((id = {} AND {} AND {}) OR (id <> {} AND held_by = {})) RETURNING id, client",
        item_id,
        viewer.staff_id,
        clock.now(),
        item_id,
        is_free,
        reached(viewer),
        item_id,
        viewer.staff_id,
    )
    return [row for row in rows if row["id"] == item_id]
