"""Visits that are to be reminded of, and what came of it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal import clock
from portal.accounts.tables import Account
from portal.appointments.tables import Appointment
from portal.clients.tables import Client
from portal.database import fetch
from portal.practice import switches
from portal.reminders.actions import reminding
from tests.appointments.steps import ZONE, Calendar, a_calendar
from tests.cast import Cast
from tests.factories import TEST, a_client, a_grant, an_account


async def turned(**chosen: str) -> None:
    await switches.turn_all(TEST, {f"reminders.{name}": value for name, value in chosen.items()})


async def a_practice_that_reminds(cast: Cast, **chosen: str) -> Calendar:
    """Two days and four hours before, at any time of day."""
    await turned(**{"first": "48", "second": "4", "quiet_from": "off", **chosen})
    return await a_calendar(cast)


async def a_visit(
    calendar: Calendar,
    client_id: int,
    starts_at: datetime,
    *,
    days: float = 30,
    minutes: int = 20,
    state: str = "booked",
    **more: object,
) -> Appointment:
    """Booked so many days before now."""
    ends_at = starts_at + timedelta(minutes=minutes)
    row = Appointment(
        client=client_id, clinician=calendar.okafor, site=calendar.site, type=calendar.session,
        contact_type="telehealth", starts_at=starts_at, ends_at=ends_at, busy_from=starts_at, busy_until=ends_at,
        time_zone=ZONE, state=state, made_at=clock.now() - timedelta(days=days), **more,
    )  # fmt: skip
    await row.save()
    return row


def at_nine(weeks: int = 2) -> datetime:
    """Of a Monday to come, on the wall in Annapolis; by whatever the portal's clock is shifted, it is the same one."""
    today = datetime.now(ZoneInfo(ZONE)).replace(hour=9, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 * weeks - today.weekday())


def until(moment: datetime, **more: float) -> float:
    """Seconds from now, for `clock.shifted(seconds=…)`."""
    return (moment - clock.now() + timedelta(**more)).total_seconds()


async def remind_at(moment: datetime) -> None:
    """What a worker does at that moment."""
    with clock.shifted(seconds=until(moment)):
        await reminding.remind(TEST)


async def reminded() -> list[tuple[int, int]]:
    """Appointment and rule of each."""
    rows = await fetch("SELECT appointment, rule FROM reminder ORDER BY id")
    return [(row["appointment"], row["rule"]) for row in rows]


async def events(kind: str = "reminder.due") -> int:
    return int((await fetch("SELECT count(*) AS count FROM event WHERE kind = {}", kind))[0]["count"])


async def somebody(number: int) -> tuple[Client, Account]:
    """A client with an account of their own."""
    client = await a_client("Client", f"Number{number}")
    account = await an_account(f"client{number}@example.com")
    await a_grant(account, client)
    return client, account
