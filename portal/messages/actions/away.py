"""Somebody is away for some days, and somebody else reads and answers meanwhile."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal import audit
from portal.access import NotFoundException, Permission, Viewer
from portal.database import fetch, transaction
from portal.language import lazy
from portal.messages.queries import away
from portal.practice.tables import StaffAway
from portal.refusal import Refused

OVERLAPS = "SELECT id FROM staff_away WHERE staff = {} AND first_day <= {} AND last_day >= {} LIMIT 1"
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Days:
    """Both included. Without a `cover` nobody stands in."""

    staff: int
    first_day: date
    last_day: date
    cover: int | None = None


async def add(viewer: Viewer, days: Days) -> int:
    """One's own, or a supervisor anybody's. Raises `Refused` beside its field."""
    _must_keep(viewer, days.staff)
    people = {one.id for one in await away.readers(viewer)}
    if days.staff not in people:
        raise Refused(staff=lazy("Choose who is away"))
    if days.cover is not None and days.cover not in people - {days.staff}:
        raise Refused(cover=lazy("Choose who reads and answers meanwhile"))
    if days.last_day < days.first_day:
        raise Refused(last_day=lazy("The last day is before the first: check both dates"))
    if days.last_day < await away.today(viewer):
        raise Refused(first_day=lazy("These days are over: enter days from today on"))
    if days.last_day - days.first_day > LONGEST:
        raise Refused(last_day=lazy("That is longer than a year: check both dates"))
    async with transaction():
        await _lock(days)
        if await _overlaps(days.staff, days):
            raise Refused(first_day=lazy("Some of these days are taken already: end the other absence first"))
        if days.cover is not None and await _overlaps(days.cover, days):
            raise Refused(cover=lazy("They are away on some of these days themselves: choose somebody else"))
        row = StaffAway(staff=days.staff, first_day=days.first_day, last_day=days.last_day, cover=days.cover)
        await row.save()
        await audit.record(viewer, "absence.added", subject_id=row.id, staff=days.staff, cover=days.cover)
    return int(row.id)


async def end(viewer: Viewer, absence_id: int) -> None:
    """Back from today on; one that has not begun is taken off. One that is over is not found."""
    viewer.must(Permission.MESSAGE_READ)
    today = await away.today(viewer)
    async with transaction():
        rows = await fetch("SELECT staff, first_day FROM staff_away WHERE id = {} AND last_day >= {} FOR UPDATE",
                           absence_id, today)  # fmt: skip
        if not rows:
            raise NotFoundException
        _must_keep(viewer, rows[0]["staff"])
        if rows[0]["first_day"] < today:
            await fetch("UPDATE staff_away SET last_day = {} WHERE id = {}", today - timedelta(days=1), absence_id)
        else:
            await fetch("DELETE FROM staff_away WHERE id = {}", absence_id)
        await audit.record(viewer, "absence.ended", subject_id=absence_id)


def _must_keep(viewer: Viewer, staff: int) -> None:
    viewer.must(Permission.MESSAGE_READ)
    if viewer.staff_id != staff:
        viewer.must(Permission.MESSAGE_SUPERVISE)


async def _lock(days: Days) -> None:
    """Both, in one order: of two absences that cannot stand together one is first."""
    both = sorted({days.staff, days.cover or days.staff})
    await fetch("SELECT id FROM staff_member WHERE id = ANY({}::bigint[]) ORDER BY id FOR NO KEY UPDATE", both)


async def _overlaps(staff: int, days: Days) -> bool:
    return bool(await fetch(OVERLAPS, staff, days.last_day, days.first_day))
