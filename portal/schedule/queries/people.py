"""Whose calendars somebody keeps, and what in them is theirs to read."""

from typing import NamedTuple

from piccolo.querystring import QueryString

from portal import clock
from portal.access import Area, NotFoundException, Permission, Viewer
from portal.appointments.tables import Appointment
from portal.database import fetch
from portal.practice.queries import name_of


class Keeper(NamedTuple):
    """A clinician; one who has left still has their past."""

    id: int
    name: str
    is_active: bool


async def people(viewer: Viewer) -> list[Keeper]:
    """By name: clinicians themselves, the desk everybody."""
    viewer.must(Permission.SCHEDULE_KEEP)
    own = None if viewer.may(Permission.SCHEDULE_KEEP_ALL) else viewer.staff_id or 0
    rows = await fetch(
        f"SELECT id, {name_of('m')} AS name, is_active FROM staff_member AS m"
        " WHERE is_clinician AND ({}::bigint IS NULL OR id = {}) ORDER BY family_name, given_name, id",
        own,
        own,
    )
    return [Keeper(**row) for row in rows]


def must_keep(viewer: Viewer, clinician_id: int) -> None:
    viewer.must(Permission.SCHEDULE_KEEP)
    if viewer.staff_id != clinician_id:
        viewer.must(Permission.SCHEDULE_KEEP_ALL)


def kept(viewer: Viewer) -> QueryString:
    """A condition on appointments: of the viewer's calendars, and never of their own chart."""
    viewer.must(Permission.SCHEDULE_KEEP)
    whose = None if viewer.may(Permission.SCHEDULE_KEEP_ALL) else viewer.staff_id or 0
    return QueryString(
        "(({}::bigint IS NULL OR appointment.clinician = {}) AND appointment.client <> ALL({}::bigint[]))",
        whose,
        whose,
        list(viewer.own_clients),
    )


def charted(viewer: Viewer) -> QueryString:
    """Whether the chart behind an appointment is the viewer's to open."""
    if not viewer.may(Permission.CLIENT_READ):
        return QueryString("FALSE")
    return QueryString("({})", viewer.reaches(Appointment).querystring)


async def row_of(viewer: Viewer, appointment_id: int, *, is_locked: bool = False) -> Appointment:
    """For who keeps its calendar; what somebody only holds while choosing is nobody's to change."""
    found = await fetch(
        "SELECT id FROM appointment WHERE id = {} AND state <> 'held' AND {}", appointment_id, kept(viewer)
    )
    query = Appointment.objects().where(Appointment.id == appointment_id)
    row = await (query.lock_rows("UPDATE") if is_locked else query).first() if found else None
    if row is None:
        raise NotFoundException
    return row


async def is_heard(viewer: Viewer, client_id: int) -> bool:
    """Somebody reads in the portal of this client's appointments, and gets letters about them."""
    viewer.must(Permission.SCHEDULE_KEEP)
    now = clock.now()
    return bool(
        await fetch(
            "SELECT g.id FROM access_grant AS g JOIN account AS a ON a.id = g.account WHERE g.client = {}"
            " AND NOT a.is_suspended AND {} = ANY(g.areas) AND g.starts_at <= {}"
            " AND (g.ends_at IS NULL OR g.ends_at > {}) LIMIT 1",
            client_id, str(Area.APPOINTMENTS), now, now,
        )
    )  # fmt: skip


async def is_news(viewer: Viewer, appointment_id: int, *, with_later: bool = False) -> bool:
    """It is not read by the client and not over; `with_later`, that or another one of its series."""
    series = "appointment.series = (SELECT series FROM appointment WHERE id = {})"
    return bool(
        await fetch(
            f"SELECT id FROM appointment WHERE (id = {{}} OR ({{}} AND {series}))"
            " AND read_at IS NULL AND ends_at > {} AND {} LIMIT 1",
            appointment_id, with_later, appointment_id, clock.now(), kept(viewer),
        )
    )  # fmt: skip
