"""Who of the staff is away, when, and who stands in."""

from dataclasses import dataclass
from datetime import date

from portal import clock
from portal.access import HOLDS, Permission, Role, Viewer
from portal.database import fetch
from portal.language import lazy
from portal.practice import queries as practices
from portal.practice.queries import Person, name_of
from portal.refusal import Refused

MOST = 200
READERS = [str(role) for role in Role if Permission.MESSAGE_READ in HOLDS[role]]
ABSENCE = f"""
SELECT a.id, a.staff AS staff_id, {name_of("s")} AS name, a.first_day, a.last_day, a.cover AS cover_id,
       {name_of("c")} AS cover
  FROM staff_away AS a JOIN staff_member AS s ON s.id = a.staff LEFT JOIN staff_member AS c ON c.id = a.cover
"""
OF_THREAD = f"""
{ABSENCE} JOIN thread AS t ON t.id = {{}} JOIN client AS chart ON chart.id = t.client
 WHERE a.staff = CASE t.topic WHEN 'care' THEN coalesce(t.assigned_to, chart.principal_clinician) ELSE t.clinician END
   AND {{}} BETWEEN a.first_day AND a.last_day ORDER BY a.id LIMIT 1
"""
COMING = ABSENCE + f" WHERE a.last_day >= {{}} AND (a.staff = {{}} OR {{}}) ORDER BY a.first_day, a.id LIMIT {MOST}"
PEOPLE = f"""
SELECT m.id, {name_of("m")} AS name FROM staff_member AS m
 WHERE m.is_active AND m.role = ANY({{}}::text[])
   AND EXISTS (SELECT FROM account WHERE staff_member = m.id AND NOT is_suspended)
 ORDER BY m.family_name, m.given_name, m.id
"""


@dataclass(frozen=True)
class Absence:
    """Both days included; `cover` is empty where nobody stands in."""

    id: int
    staff_id: int
    name: str
    first_day: date
    last_day: date
    cover_id: int | None
    cover: str


async def coming(viewer: Viewer) -> list[Absence]:
    """Those that are not over: one's own, a supervisor everybody's."""
    viewer.must(Permission.MESSAGE_READ)
    sees_all = viewer.may(Permission.MESSAGE_SUPERVISE)
    return [Absence(**row) for row in await fetch(COMING, await today(viewer), viewer.staff_id, sees_all)]


async def readers(viewer: Viewer) -> list[Person]:
    """Whoever reads messages now, by name: they may be away, and they may stand in."""
    viewer.must(Permission.MESSAGE_READ)
    return [Person(**row) for row in await fetch(PEOPLE, READERS)]


async def by_email(viewer: Viewer, email: str) -> int:
    """By the address that somebody of the staff signs in with. Raises `Refused`."""
    rows = await fetch("SELECT staff_member FROM account WHERE email_key = {}", email.strip().casefold())
    if not rows or rows[0]["staff_member"] is None:
        raise Refused(staff=lazy("Nobody of the staff signs in with %(email)s", email=email))
    return int(rows[0]["staff_member"])


async def of_thread(viewer: Viewer, thread_id: int) -> Absence | None:
    """Of the clinician whom it waits for, if they are away today. Whoever asks has been asked for the thread."""
    rows = await fetch(OF_THREAD, thread_id, await today(viewer))
    return Absence(**rows[0]) if rows else None


async def today(viewer: Viewer) -> date:
    return clock.today((await practices.practice(viewer)).time_zone)
