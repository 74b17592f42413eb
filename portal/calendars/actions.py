"""The link of a calendar feed: made, replaced, turned off; and that somebody has read by it."""

from zoneinfo import ZoneInfo

from portal import audit, clock, keys
from portal.access import Area, Viewer
from portal.accounts import links
from portal.calendars.queries import Reading
from portal.calendars.tables import CalendarFeed
from portal.database import fetch, transaction
from portal.language import lazy
from portal.practice import queries as practices
from portal.refusal import Refused


async def make(viewer: Viewer) -> None:
    """Twice is as good as once: the link that is open stays."""
    if not any(Area.APPOINTMENTS in grant.areas for grant in viewer.grants):
        raise Refused({"": lazy("Your account opens nobody's appointments, so there is nothing to show.")})
    async with transaction():
        if await _open(viewer) is None:
            await _begin(viewer, "calendar_feed.made")


async def replace(viewer: Viewer, feed_id: int) -> bool:
    """The old link ends. Only the one that was seen: pressed twice, the new one stays, and it is False."""
    async with transaction():
        is_it = await _open(viewer) == feed_id
        if is_it:
            await _end(feed_id)
            await _begin(viewer, "calendar_feed.replaced")
    return is_it


async def turn_off(viewer: Viewer, feed_id: int) -> bool:
    """Only the one that was seen; False where another is open, or none."""
    async with transaction():
        is_it = await _open(viewer) == feed_id
        if is_it:
            await _end(feed_id)
            await audit.record(viewer, "calendar_feed.ended", subject_id=feed_id)
    return is_it


async def mark_read(viewer: Viewer, reading: Reading) -> None:
    """Programs read every hour: it is written down, and audited, once a day of the practice."""
    zone, last = (await practices.practice(viewer)).time_zone, reading.read_at
    if last is not None and last.astimezone(ZoneInfo(zone)).date() == clock.today(zone):
        return
    async with transaction():
        first = await fetch(
            "UPDATE calendar_feed SET read_at = {} WHERE id = {} AND ended_at IS NULL AND (read_at IS NULL"
            " OR (read_at AT TIME ZONE {})::date <> {}) RETURNING id",
            clock.now(),
            reading.feed_id,
            zone,
            clock.today(zone),
        )
        if first:
            await audit.record(reading.viewer, "calendar_feed.read", subject_id=reading.feed_id)


async def _open(viewer: Viewer) -> int | None:
    """Its number. Until the transaction ends nobody else begins or ends one of this account.

    A link whose key is gone opens nothing any more, and ends here.
    """
    await fetch("SELECT id FROM account WHERE id = {} FOR UPDATE", viewer.account_id)
    rows = await fetch(
        "SELECT id, key_id FROM calendar_feed WHERE account = {} AND ended_at IS NULL", viewer.account_id
    )
    for row in rows:
        if keys.knows(row["key_id"]):
            return int(row["id"])
        await _end(row["id"])
    return None


async def _begin(viewer: Viewer, act: str) -> None:
    row = CalendarFeed(account=viewer.account_id, nonce=links.nonce(), key_id=keys.newest_id(), made_at=clock.now())
    await row.save()
    await audit.record(viewer, act, subject_id=row.id)


async def _end(feed_id: int) -> None:
    await CalendarFeed.update({CalendarFeed.ended_at: clock.now()}).where(CalendarFeed.id == feed_id)
