"""The demo's money: what it charges for, what papers need, and what was done over the last months."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from portal import clock
from portal.access import Role, Viewer
from portal.accounts.actions.staff import add_staff
from portal.appointments.tables import Appointment, State
from portal.billing.actions import charging
from portal.clients.tables import Client, Coverage
from portal.database import fetch
from portal.encounters.drafts import DiagnosisDraft, EncounterDraft, Insured, LineDraft
from portal.encounters.queries import around
from portal.encounters.queries.visits import completed
from portal.fees import actions as fees
from portal.fees import queries as schedule
from portal.fees.actions import Wording
from portal.payments.settings import AUTOPAY, PAYING
from portal.practice import clinicians, switches
from portal.practice.actions import set_up
from portal.practice.tables import Site
from tasks.demo import books
from tasks.demo.books import Deed

SEED = Viewer.portal("demo data")
EASTERN = ZoneInfo("America/New_York")
BILLER = "lena@harborlane.example"
PRACTICE = {"legal_name": "Harbor Lane Counseling, LLC", "tax_id": "52-2117364", "npi": "1144720004"}
OKAFOR = {"credentials": "PsyD", "npi": "1482073008", "license_number": "PSY 04821", "license_state": "MD"}
BRANDT = {"credentials": "LCSW-C", "npi": "1730916008", "license_number": "LCSW-C 19344", "license_state": "MD"}
# Code, words, words in Spanish, cents a unit until this year and now.
SERVICES = (
    ("H0004", "Counseling, 15 minutes", "Consejería, 15 minutos", 3600, 3750),
    ("H0031", "First assessment", "Primera evaluación", 17500, 18500),
    ("H0032", "Treatment plan", "Plan de tratamiento", 9000, 9500),
    ("H2019", "Skills work with a child, 15 minutes", "Trabajo de habilidades con niños, 15 minutos", 3000, 3200),
    ("T1016", "Care coordination, 15 minutes", "Coordinación de la atención, 15 minutos", 2500, 2500),
)
THREE, FOUR = time(15), time(16)
PLACES = {"in_person": ("11", ()), "telehealth": ("10", ("95",)), "phone": ("10", ("93",))}
# Whose visits are recorded but for so many of the latest.
LEFT = 2
LATE = "Rosa"


@dataclass(frozen=True)
class Course:
    """What is done with one client: at the first visit, and at each after it. Codes with units."""

    diagnoses: tuple[str, ...]
    first: tuple[tuple[str, int], ...]
    usual: tuple[tuple[str, int], ...]
    is_insured: bool = True
    referred_by: tuple[str, str] = ("", "")


COURSES = {
    "Maya": Course(("F41.1",), (("H0031", 1),), (("H0004", 3),), is_insured=False),
    "Rosa": Course(("F33.1", "G47.00"), (("H0031", 1),), (("H0004", 3),), referred_by=("Dr. Alan Prior", "1295548006")),
    "Aisha": Course(("F93.0", "F41.1"), (("H0031", 1),), (("H2019", 3), ("H0004", 1))),
    "Sami": Course(("F90.2",), (("H0031", 1), ("H0032", 1)), (("H2019", 4),)),
}


async def fill(charts: Mapping[str, Client], okafor: int, brandt: int, password: str) -> None:
    """Inside the caller's transaction, when the calendar stands."""
    await _facts(okafor, brandt)
    await switches.turn_all(SEED, {PAYING.name: "yes", AUTOPAY.name: "yes"})
    await _schedule()
    await _insurance(charts)
    lena = await add_staff(SEED, BILLER, password, "Lena", "Fischer", Role.BILLER)
    biller = Viewer(account_id=lena.id, staff_id=lena.staff_member, role=Role.BILLER, name="Lena Fischer")
    await _took_place(charts, okafor, brandt)
    deeds = books.invoiced(biller)
    for name, course in COURSES.items():
        visits = await _visits(charts[name])
        deeds += await _recorded(biller, charts[name], course, visits)
        deeds += books.became(biller, charts[name], name, [row["starts_at"] for row in visits])
        if name == "Aisha":
            deeds += books.corrected(biller, charts[name])
        if name == "Maya":
            deeds += books.went_wrong(biller, charts[name], [row["starts_at"] for row in visits])
    await books.run(deeds)


async def _facts(okafor: int, brandt: int) -> None:
    await set_up(SEED, **PRACTICE)
    await clinicians.save(SEED, okafor, OKAFOR)
    await clinicians.save(SEED, brandt, BRANDT)


async def _schedule() -> None:
    """Fees that rose with the new year, a code of another chapter, and a service that is not done any more."""
    today = clock.today(EASTERN.key)
    for code, words, words_es, before, now in SERVICES:
        service = await fees.add_service(SEED, code, Wording(words, words_es), date(today.year - 2, 1, 1), before)
        if now != before:
            await fees.set_fee(SEED, service, date(today.year, 1, 1), now)
    await fees.retire_service(SEED, service)
    await fees.save_diagnosis(SEED, None, "G47.00", "Insomnia, unspecified")


async def _insurance(charts: Mapping[str, Client]) -> None:
    """The children are insured through their father."""
    father, parent = "Daniel Karim", "parent"
    sql = "UPDATE coverage SET subscriber_name = {}, relationship = {} WHERE client = {}"
    await fetch(sql, father, parent, charts["Aisha"].id)
    await Coverage(
        client=charts["Sami"].id, payer="Cigna", plan="Open Access Plus", member_id="U4471 9020",
        subscriber_name=father, relationship=parent,
    ).save()  # fmt: skip


async def _took_place(charts: Mapping[str, Client], okafor: int, brandt: int) -> None:
    """Rosa every Tuesday, the children every other Wednesday."""
    for back in range(1, 13):
        await _visit(charts["Rosa"], brandt, _weeks_ago(back, 1), FOUR, "telehealth" if back % 4 == 0 else "in_person")
        if back % 2:
            await _visit(charts["Aisha"], okafor, _weeks_ago(back, 2), THREE, "in_person")
        else:
            await _visit(charts["Sami"], brandt, _weeks_ago(back, 2), FOUR, "telehealth" if back == 4 else "in_person")


def _weeks_ago(weeks: int, weekday: int) -> date:
    today = clock.today(EASTERN.key)
    return today - timedelta(days=today.weekday() - weekday + 7 * weeks)


async def _visit(chart: Client, clinician: int, day: date, at: time, how: str) -> None:
    begins = datetime.combine(day, at, EASTERN)
    ends, site = begins + timedelta(minutes=50), await Site.objects().order_by(Site.id).first()
    kind = (await fetch("SELECT id FROM appointment_type WHERE place = 1"))[0]["id"]
    assert site is not None
    await Appointment(
        client=chart.id, clinician=clinician, site=site.id, type=kind, contact_type=how, starts_at=begins,
        ends_at=ends, busy_from=begins, busy_until=ends, time_zone=EASTERN.key, state=State.COMPLETED,
        made_at=begins - timedelta(days=9), decided_at=begins - timedelta(days=8),
        read_at=begins - timedelta(days=7), arrived_at=begins - timedelta(minutes=3),
    ).save()  # fmt: skip


async def _visits(chart: Client) -> list[dict[str, Any]]:
    """Those that are recorded; the latest ones wait."""
    sql = "SELECT id, starts_at FROM appointment WHERE client = {} AND state = 'completed' ORDER BY starts_at"
    return (await fetch(sql, chart.id))[:-LEFT]


async def _recorded(biller: Viewer, chart: Client, course: Course, visits: list[dict[str, Any]]) -> list[Deed]:
    """Each two days after it was; one of the last days of a month only when its statement run was over."""
    insured = next(iter((await around.coverages(SEED, chart.id, clock.today(EASTERN.key))).values()), Insured())
    deeds = []
    for place, row in enumerate(visits):
        draft = await _draft(row["id"], course, is_first=not place)
        if course.is_insured:
            draft = replace(draft, insured=insured)
        at = row["starts_at"] + timedelta(days=2)
        if chart.given_name == LATE and row["starts_at"] > books.month_began() - timedelta(days=8):
            at = max(at, books.month_began() + timedelta(days=1))
        deeds.append(Deed(at, partial(charging.record, biller, draft)))
    return deeds


async def _draft(appointment_id: int, course: Course, *, is_first: bool) -> EncounterDraft:
    visit = await completed(SEED, appointment_id)
    place, modifiers = PLACES[visit.contact_type]
    known = await schedule.worded(SEED, course.diagnoses)
    done = course.first if is_first else course.usual
    if visit.contact_type == "phone":
        done = (("H0004", 1),)
    name, npi = course.referred_by
    return EncounterDraft(
        client_id=visit.client_id, appointment_id=visit.id, clinician_id=visit.clinician_id, site_id=visit.site_id,
        starts_at=visit.starts_at, time_zone=visit.time_zone, place_of_service=place,
        diagnoses=tuple(DiagnosisDraft(code, known[code]) for code in course.diagnoses),
        lines=await _lines(done, modifiers, visit.starts_at.astimezone(EASTERN).date()),
        referring_name=name, referring_npi=npi,
    )  # fmt: skip


async def _lines(done: Sequence[tuple[str, int]], modifiers: tuple[str, ...], day: date) -> tuple[LineDraft, ...]:
    """At the fees of that day, all for the first diagnosis."""
    priced = {one.code: one for one in await schedule.offered(SEED, day)}
    return tuple(
        LineDraft(code, one.words, units, one.cents or 0, one.words_es, modifiers, (1,))
        for code, units in done
        for one in (priced[code],)
    )
