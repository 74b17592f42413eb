"""The practice changes its canned replies."""

from portal import audit
from portal.access import Permission, Viewer
from portal.database import fetch, transaction
from portal.messages.queries import canned


async def save(viewer: Viewer, reply_id: int | None, title: str, body_en: str, body_es: str) -> int:
    """A new one stands last. Returns its id."""
    viewer.must(Permission.MESSAGE_CONFIGURE)
    async with transaction():
        await _lock()
        if reply_id is None:
            rows = await fetch(
                "INSERT INTO canned_reply (title, body_en, body_es, place, is_active)"
                " SELECT {}, {}, {}, coalesce(max(place), 0) + 1, true FROM canned_reply RETURNING id",
                title,
                body_en,
                body_es,
            )
            reply_id = int(rows[0]["id"])
        else:
            await canned.reply_of(viewer, reply_id)
            await fetch(
                "UPDATE canned_reply SET title = {}, body_en = {}, body_es = {} WHERE id = {}",
                title,
                body_en,
                body_es,
                reply_id,
            )
        await audit.record(viewer, "canned_reply.changed", subject_id=reply_id)
    return reply_id


async def move(viewer: Viewer, reply_id: int, by: int) -> None:
    """Up (-1) or down (1) by one; at the end it stays."""
    viewer.must(Permission.MESSAGE_CONFIGURE)
    async with transaction():
        await _lock()
        await canned.reply_of(viewer, reply_id)
        order = [one.id for one in await canned.replies(viewer, everything=True)]
        place = order.index(reply_id)
        order.insert(max(0, min(len(order) - 1, place + by)), order.pop(place))
        await fetch(
            "UPDATE canned_reply SET place = told.place FROM unnest({}::bigint[]) WITH ORDINALITY AS told (id, place)"
            " WHERE canned_reply.id = told.id",
            order,
        )
        await audit.record(viewer, "canned_reply.changed", subject_id=reply_id)


async def switch(viewer: Viewer, reply_id: int, *, is_on: bool) -> None:
    """One that is off is offered to nobody, and can come back."""
    viewer.must(Permission.MESSAGE_CONFIGURE)
    async with transaction():
        await _lock()
        await canned.reply_of(viewer, reply_id)
        await fetch("UPDATE canned_reply SET is_active = {} WHERE id = {}", is_on, reply_id)
        await audit.record(viewer, "canned_reply.changed", subject_id=reply_id, is_on=is_on)


async def _lock() -> None:
    """Their order is one thing: who changes it waits for whoever else does."""
    await fetch("LOCK TABLE canned_reply IN SHARE ROW EXCLUSIVE MODE")
