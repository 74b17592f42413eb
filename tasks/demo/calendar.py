"""The demo's calendar: two offices, hours, types, and what its people have booked and asked for."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal import clock
from portal.access import Area, Reach, Viewer
from portal.accounts.tables import Account
from portal.appointments.actions import availability, booking, decision, holding, offering, types
from portal.appointments.actions.availability import Open
from portal.appointments.actions.offering import Time
from portal.appointments.actions.types import TypeDraft
from portal.appointments.queries import asked, offered, offers
from portal.appointments.queries.openings import Wish, openings
from portal.appointments.tables import Appointment, Repeat, State
from portal.clients.tables import Client
from portal.database import fetch
from portal.practice.tables import Site
from portal.schedule import repeats
from portal.schedule.actions import placing
from portal.schedule.queries import plans
from portal.schedule.queries.clashes import slot_of
from portal.schedule.queries.plans import Where
from portal.telehealth import actions as telehealth
from portal.waitlist.actions import entries
from portal.waitlist.actions.entries import Wanted

SEED = Viewer.portal("demo data")
NINE, NOON, ONE, FIVE, TEN, SIX, FOUR = 540, 720, 780, 1020, 600, 1080, 960
OKAFORS = {540: "Tove", 600: "Wei", 660: "Ines", 780: "Aisha", 840: "Wei", 960: "Tove"}
BRANDTS = {600: "Jonah", 660: "Marcus", 780: "Rosa", 840: "Gloria", 900: "Jonah", 1020: "Marcus"}
TAKEN = """
SELECT id FROM appointment
 WHERE holds AND (clinician = {} OR client = {}) AND busy_from < {} AND busy_until > {}::timestamptz
"""
AT_HOME = ("phone", "telehealth")
EVERY_WAY = ("in_person", "phone", "telehealth")


async def fill(
    charts: Mapping[str, Client], accounts: Mapping[str, Account], okafor: int, brandt: int, staff: Viewer
) -> None:
    """Inside the caller's transaction."""
    harbor = await _site("Annapolis office", "12 Harbor Lane", "Annapolis", "21401")
    park = await _site("Severna Park office", "540 Ritchie Highway", "Severna Park", "21146")
    await availability.set_hours(SEED, okafor, [*_days((0, 2, 4), harbor), *_days((1, 3), park, TEN, SIX)])
    late = [Open(day, TEN, SIX, harbor, EVERY_WAY) for day in (0, 1, 2, 3)]
    await availability.set_hours(SEED, brandt, [*late, Open(5, NINE, NOON, harbor, AT_HOME)])
    await telehealth.keep_room(SEED, okafor, "https://video.example.com/harbor-lane/dr-okafor")
    today = clock.today("America/New_York")
    await availability.add_special(SEED, None, *_thanksgiving(today), note="Thanksgiving")
    away = today + timedelta(days=28 - today.weekday())
    await availability.add_special(SEED, brandt, away, away + timedelta(days=4), note="Conference")
    session = await types.save(SEED, None, TypeDraft("Individual session", "Sesión individual", 50, after=10, place=1))
    call = await types.save(
        SEED,
        None,
        TypeDraft(
            "Check-in call", "Llamada de seguimiento", 20, after=10, contact_types=("phone",), is_booked_at_once=True,
            color="marigold", place=2,
        ),
    )  # fmt: skip
    await types.save(SEED, None, TypeDraft("First visit", "Primera visita", 80, booked_by="new", place=3))
    await types.save(SEED, None, TypeDraft("Family session", "Sesión familiar", 80, booked_by="nobody"))
    maya, rosa, daniel, priya = (accounts[name] for name in ("maya", "rosa", "daniel", "priya"))
    for place, name in enumerate(("Tove", "Wei", "Marcus", "Ines", "Gloria")):
        await _approved(staff, await _asked(priya, charts[name], session, "telehealth", 3 * place))
    await _approved(staff, await _asked(maya, charts["Maya"], session, "telehealth", 9))
    await _asked(maya, charts["Maya"], call, "phone", 30)
    await _asked(rosa, charts["Rosa"], session, "in_person", 14, "I walk with a cane: the ground floor, please.")
    declined = await _asked(daniel, charts["Sami"], session, "in_person", 4)
    await decision.decline(staff, declined, 2, "clinician", "Dr. Brandt has Tuesday afternoons.")
    await _asked(daniel, charts["Aisha"], session, "in_person", 20, "After school, if at all possible.")
    await _looks_back(charts["Maya"], okafor, harbor, session, call)
    await _answered(staff, await _asked(daniel, charts["Sami"], session, "telehealth", 11))
    evenings = Wanted(session, "telehealth", okafor, None, (0, 2, 4), ("evening",), today + timedelta(days=40))
    await entries.join(_as(rosa, charts["Rosa"]), charts["Rosa"].id, evenings)
    before = today - timedelta(days=3 if today.weekday() == 0 else 1)
    days = (before, today, today + timedelta(days=7 - today.weekday()))
    for day in (one for one in days if one.weekday() < 5):
        for clinician, visits in ((okafor, OKAFORS), (brandt, BRANDTS)):
            await _full_day(day, clinician, harbor, session, [(hour, charts[name]) for hour, name in visits.items()])
    thursday = today + timedelta(days=(3 - today.weekday()) % 7 + 14)
    await _weekly(staff, charts["Gloria"], brandt, harbor, session, thursday)


async def _looks_back(chart: Client, clinician: int, site: int, session: int, call: int) -> None:
    """A year of every other Monday at ten, with what happens to visits."""
    zone = ZoneInfo("America/New_York")
    monday = clock.today("America/New_York") - timedelta(days=clock.today("America/New_York").weekday())
    for place in range(1, 27):
        begins = datetime.combine(monday - timedelta(days=14 * place), time(10), zone)
        kind, minutes, how = session, 50, "in_person" if place % 2 else "telehealth"
        if place % 6 == 0:
            kind, minutes, how = call, 20, "phone"
        state = {4: "no_show", 9: "cancelled", 13: "late_cancelled"}.get(place, "completed")
        ends = begins + timedelta(minutes=minutes)
        await Appointment(
            client=chart.id, clinician=clinician, site=site, type=kind, contact_type=how, starts_at=begins,
            ends_at=ends, busy_from=begins, busy_until=ends, time_zone=zone.key, state=state,
            holds=state == "completed", made_at=begins - timedelta(days=9),
        ).save()  # fmt: skip


async def _full_day(day: date, clinician: int, site: int, session: int, visits: list[tuple[int, Client]]) -> None:
    """What is over took place, but for one; who is next has arrived. Times that somebody has already are left out."""
    zone, now = ZoneInfo("America/New_York"), clock.now()
    for place, (minute, chart) in enumerate(visits):
        begins = datetime.combine(day, time(minute // 60, minute % 60), zone)
        ends = begins + timedelta(minutes=50)
        state = State.BOOKED if place % 3 else State.CONFIRMED
        if ends < now:
            state = State.NO_SHOW if place == 3 else State.COMPLETED
        elif begins < now + timedelta(minutes=20):
            state = State.ARRIVED
        if not await fetch(TAKEN, clinician, chart.id, ends + timedelta(minutes=10), begins):
            await Appointment(
                client=chart.id, clinician=clinician, site=site, type=session, starts_at=begins, ends_at=ends,
                contact_type="telehealth" if place % 3 == 1 else "in_person", busy_from=begins,
                busy_until=ends + timedelta(minutes=10), time_zone=zone.key, state=state, holds=state != State.NO_SHOW,
                made_at=now - timedelta(days=12), decided_at=now - timedelta(days=12), read_at=now - timedelta(days=11),
                arrived_at=begins - timedelta(minutes=4) if state in (State.ARRIVED, State.COMPLETED) else None,
            ).save()  # fmt: skip


async def _weekly(staff: Viewer, chart: Client, clinician: int, site: int, session: int, first: date) -> None:
    """Thursdays at four, as the desk would book them: without holidays and the conference."""
    slot = await slot_of(staff, session, "in_person")
    where = Where(clinician, site, "America/New_York", "in_person", first, FOUR)
    steps = await plans.to_book(staff, chart.id, slot, where, repeats.days(first, Repeat.WEEKLY, 12))
    placed = [one.placed for one in steps if one.is_fine and one.placed]
    await placing.book(staff, chart.id, placed, every=Repeat.WEEKLY, note="Afternoons only.")


async def _site(name: str, street: str, city: str, postal_code: str) -> int:
    site = Site(name=name, street=street, city=city, state="MD", postal_code=postal_code, phone="+14435550142")
    await site.save()
    return int(site.id)


def _days(weekdays: tuple[int, ...], site: int, begins: int = NINE, ends: int = FIVE) -> list[Open]:
    """With an hour off at noon."""
    return [Open(day, *hours, site, EVERY_WAY) for day in weekdays for hours in ((begins, NOON), (ONE, ends))]


def _thanksgiving(today: date) -> tuple[date, date]:
    """The next one: the fourth Thursday of November, and the day after."""
    for year in (today.year, today.year + 1):
        first = date(year, 11, 1)
        thursday = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
        if thursday >= today:
            break
    return thursday, thursday + timedelta(days=1)


async def _asked(account: Account, chart: Client, type_id: int, how: str, place: int, words: str = "") -> int:
    """The free time that is so many after the first, as that person would ask for it."""
    viewer = _as(account, chart)
    wish = Wish(await offers.offer(viewer, chart.id, type_id), how, chart.principal_clinician)
    found = await openings(viewer, chart.id, wish)
    days = (found.first + timedelta(days=more) for more in range((found.last - found.first).days + 1))
    times = [second for day in days for second in found.of_day(day)]
    held = await holding.hold(viewer, chart.id, wish, times[place])
    await booking.ask(viewer, chart.id, held, words)
    return held


def _as(account: Account, chart: Client) -> Viewer:
    grants = (Reach(chart.id, "self", frozenset({Area.APPOINTMENTS})),)
    return Viewer(account_id=account.id, name=account.name, grants=grants)


async def _answered(staff: Viewer, appointment_id: int) -> None:
    """With two other times: the first that are free on two days of the week after."""
    visit = await asked.for_review(staff, appointment_id)
    found = await offered.free(staff, visit, visit.clinician_id)
    days = (found.first + timedelta(days=7 + more) for more in range(14))
    firsts = [free[0] for free in map(found.of_day, days) if free][:2]
    times = [Time(visit.clinician_id, next(found.who(one)).site, one) for one in firsts]
    await offering.offer_others(staff, appointment_id, visit.version, times, "Dr. Brandt is away that day.")


async def _approved(staff: Viewer, appointment_id: int) -> None:
    await decision.approve(staff, appointment_id, 2)
