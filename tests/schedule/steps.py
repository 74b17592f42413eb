"""What the tests of the schedule do over and over."""

from datetime import UTC, date, datetime, timedelta

from portal import clock
from portal.access import Reach, Role, Viewer
from portal.appointments.tables import Appointment
from portal.database import fetch
from portal.schedule.actions import placing
from portal.schedule.queries import plans
from portal.schedule.queries.clashes import slot_of
from portal.schedule.queries.plans import Where
from tests.appointments.steps import ZONE, Calendar, a_monday, second_of
from tests.cast import Cast


def desk(cast: Cast) -> Viewer:
    return staff(cast, Role.FRONT_DESK)


def staff(cast: Cast, part: str, grants: tuple[Reach, ...] = ()) -> Viewer:
    account = cast.accounts[part]
    role = Role.CLINICIAN if part.endswith("clinician") else Role(part)
    return Viewer(
        account_id=account.id, staff_id=account.staff_member, role=role, name=account.name, grants=grants,
    )  # fmt: skip


def where(
    calendar: Calendar, day: date, hour: int, minute: int = 0, *, clinician: int = 0, how: str = "in_person"
) -> Where:
    return Where(clinician or calendar.okafor, calendar.site, ZONE, how, day, hour * 60 + minute)


async def booked(
    cast: Cast,
    calendar: Calendar,
    day: date,
    hour: int,
    *,
    client: int = 0,
    clinician: int = 0,
    many: list[date] | None = None,
) -> int:
    """As the desk books; `many` days are a weekly series."""
    client_id = client or cast.client.id
    slot = await slot_of(desk(cast), calendar.session, "in_person")
    to = where(calendar, day, hour, clinician=clinician)
    steps = await plans.to_book(desk(cast), client_id, slot, to, many or [day])
    placed = [one.placed for one in steps if one.placed]
    return await placing.book(desk(cast), client_id, placed, every="weekly" if many else "")


async def row(appointment_id: int) -> Appointment:
    found = await Appointment.objects().get(Appointment.id == appointment_id)
    assert found is not None
    return found


async def live() -> list[tuple[int, str, datetime]]:
    rows = await fetch("SELECT id, state, starts_at FROM appointment WHERE holds ORDER BY starts_at, id")
    return [(one["id"], one["state"], one["starts_at"]) for one in rows]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.fromtimestamp(second_of(day, hour, minute), UTC)


def until(moment: datetime) -> float:
    """Days from now, for `clock.shifted`."""
    return (moment - clock.now()) / timedelta(days=1)


async def kinds() -> list[str]:
    rows = await fetch("SELECT kind FROM event WHERE kind LIKE 'appointment%' ORDER BY id")
    return [one["kind"] for one in rows]


MONDAY = a_monday
