"""When clinicians are there, and what may be booked then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from portal import audit, clock
from portal.access import NotFoundException, Viewer
from portal.appointments.hours import DAY, Weekly, overlap
from portal.appointments.queries.availability import must_manage, offices, week
from portal.appointments.tables import ContactType, Hours, SpecialHours
from portal.database import fetch, refusing, transaction
from portal.language import lazy
from portal.practice import queries as practices
from portal.practice.tables import Site, StaffMember
from portal.refusal import Refused

AHEAD = timedelta(days=3653)


@dataclass(frozen=True)
class Open:
    """Hours of one weekday (Monday is 0) at one site, in minutes since midnight."""

    weekday: int
    begins: int
    ends: int
    site: int
    contact_types: tuple[str, ...] = tuple(ContactType)
    since: date | None = None
    until: date | None = None

    @property
    def weekly(self) -> Weekly:
        return Weekly(self.weekday, self.begins, self.ends, self.since, self.until)


async def set_hours(viewer: Viewer, clinician_id: int, hours: Sequence[Open], seen: str | None = None) -> None:
    """All of a clinician's weekly hours at once, in place of those that were `seen`.

    Raises `Refused` at `number.ends` of each that overlaps another, and where somebody else has changed them.
    """
    await must_manage(viewer, clinician_id)
    zones = {one.id: one.zone for one in await offices(viewer, clinician_id)}
    wrong = {
        f"{place}.ends": lazy("These hours overlap others of the same day: change one of them")
        for (_, one), (place, other) in combinations(enumerate(hours), 2)
        if overlap(one.weekly, zones.get(one.site, "UTC"), other.weekly, zones.get(other.site, "UTC"))
    }
    if wrong:
        raise Refused(wrong)
    async with transaction():
        await fetch("SELECT id FROM staff_member WHERE id = {} FOR NO KEY UPDATE", clinician_id)
        if seen is not None and seen != (await week(viewer, clinician_id)).seen:
            raise Refused(
                {"": lazy("Somebody else changed these hours meanwhile. Save again to put yours in their place.")}
            )
        await Hours.delete().where(Hours.clinician == clinician_id)
        for one in hours:
            await must_be_ours(viewer, Site, [one.site])
            await Hours(
                clinician=clinician_id,
                site=one.site,
                weekday=one.weekday,
                begins=one.begins,
                ends=one.ends,
                contact_types=list(one.contact_types),
                since=one.since,
                until=one.until,
            ).save()
        await audit.record(viewer, "hours.changed", subject_id=clinician_id, many=len(hours))


async def add_special(
    viewer: Viewer,
    clinician_id: int | None,
    first_day: date,
    last_day: date,
    *,
    open_hours: Open | None = None,
    closed: tuple[int, int] = (0, DAY),
    site: int | None = None,
    note: str = "",
) -> int:
    """Days that are closed, or closed between two minutes of them; or, with hours, open at these as well.

    Without a clinician they are the practice's holidays.
    """
    await must_manage(viewer, clinician_id)
    today = clock.today((await practices.practice(viewer)).time_zone)
    if first_day <= last_day < today:
        raise Refused(first_day=lazy("These days are over: enter days from today on"))
    if last_day > today + AHEAD:
        raise Refused(last_day=lazy("This is more than ten years ahead: check the year"))
    begins, ends = closed if open_hours is None else (open_hours.begins, open_hours.ends)
    row = SpecialHours(
        clinician=clinician_id, site=site, first_day=first_day, last_day=last_day, begins=begins, ends=ends, note=note
    )
    if open_hours is not None:
        row.is_open, row.site, row.contact_types = True, open_hours.site, list(open_hours.contact_types)
    wrong = Refused(last_day=lazy("The last day is before the first: check both dates"))
    known = Refused(first_day=lazy("These days stand there already: look at the list"))
    async with transaction():
        if row.site:
            await must_be_ours(viewer, Site, [int(row.site)])
        with refusing(special_hours_have_days=wrong, holiday_once=known):
            await row.save()
        await audit.record(viewer, "special_hours.added", subject_id=row.id)
    return int(row.id)


async def remove_special(viewer: Viewer, clinician_id: int | None, special_id: int) -> None:
    """Of this clinician, or of the practice's holidays; others are not found."""
    await must_manage(viewer, clinician_id)
    async with transaction():
        rows = await fetch(
            "DELETE FROM special_hours WHERE id = {} AND clinician IS NOT DISTINCT FROM {}::bigint RETURNING id",
            special_id,
            clinician_id,
        )
        if not rows:
            raise NotFoundException
        await audit.record(viewer, "special_hours.removed", subject_id=special_id)


async def must_be_ours(
    viewer: Viewer, table: type[Site] | type[StaffMember], ids: Sequence[int] | frozenset[int]
) -> None:
    if await table.count().where(table.id.is_in(sorted(ids) or [0])) != len(set(ids)):
        raise NotFoundException
