"""What the tests of recording do over and over."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal import clock
from portal.access import Role, Viewer
from portal.appointments.tables import Appointment
from portal.clients.tables import Client, Coverage
from portal.encounters.tables import Diagnosis, Encounter, ServiceLine
from portal.fees import actions as fees
from portal.fees.actions import Wording
from tests.appointments.steps import ZONE, Calendar, a_calendar
from tests.browser import Browser, Page
from tests.cast import Cast
from tests.factories import TEST

LAST_YEAR = date(clock.today(ZONE).year - 1, 1, 1)
TYPED = {"diagnosis1": "F41.1", "line1.code": "H0004", "line1.units": "3"}


@dataclass
class Work:
    """The cast, a calendar and a fee schedule."""

    cast: Cast
    calendar: Calendar

    async def visit(self, client: Client | None = None, *, days_ago: float = 3, **more: Any) -> int:
        """One that took place."""
        day = clock.today(ZONE) - timedelta(days=days_ago)
        begins = datetime.combine(day, time(10), ZoneInfo(ZONE))
        ends = begins + timedelta(minutes=50)
        told = {
            "client": (client or self.cast.client).id, "clinician": self.calendar.okafor, "site": self.calendar.site,
            "type": self.calendar.session, "contact_type": "in_person", "starts_at": begins,
            "ends_at": ends, "busy_from": begins, "busy_until": ends,
            "time_zone": ZONE, "state": "completed", "made_at": begins - timedelta(days=9), **more,
        }  # fmt: skip
        row = Appointment(**told)
        await row.save()
        return int(row.id)

    async def biller(self, *, htmx: bool = False) -> Browser:
        return await self.cast.browser("biller", htmx=htmx)

    def viewer(self, part: str = "biller") -> Viewer:
        account = self.cast.accounts[part]
        role = Role.CLINICIAN if part.endswith("clinician") else Role(part)
        return Viewer(account_id=account.id, staff_id=account.staff_member, role=role, name=account.name)


async def some_work(cast: Cast) -> Work:
    work = Work(cast, await a_calendar(cast))
    await fees.add_service(TEST, "H0004", Wording("Counseling, 15 minutes", "Consejería"), LAST_YEAR, 3750)
    await fees.add_service(TEST, "H0031", Wording("First assessment"), LAST_YEAR, 18500)
    return work


async def insured(client: Client, payer: str = "Aetna", **more: Any) -> None:
    await Coverage(client=client.id, payer=payer, plan="Open Access", member_id="W2093 11864", **more).save()


def address(visit: int) -> str:
    return f"/staff/billing/visits/{visit}/encounter"


async def send(browser: Browser, path: str, act: str = "check", **typed: Any) -> Page:
    """The form as it opens, with what else is typed; `line1_units` is written `line1.units`."""
    told = {**TYPED, **{_dotted(name): value for name, value in typed.items()}}
    return await browser.press(await browser.get(path), path, told, act=act)


async def again(browser: Browser, page: Page, path: str, act: str, **typed: Any) -> Page:
    """The form as that page shows it."""
    return await browser.press(page, path, {_dotted(name): value for name, value in typed.items()}, act=act)


async def record(browser: Browser, visit: int, act: str = "record", **typed: Any) -> Page:
    """Looked over, then recorded."""
    page = await send(browser, address(visit), **typed)
    assert page.heading == "Look it over", page.errors
    return await browser.press(page, address(visit), act=act)


async def the_encounter(encounter_id: int | None = None) -> Encounter:
    query = Encounter.objects()
    row = (
        await (query.where(Encounter.id == encounter_id) if encounter_id else query)
        .order_by(Encounter.id, ascending=False)
        .first()
    )
    assert row is not None
    return row


async def lines_of(encounter: Encounter) -> list[ServiceLine]:
    return await ServiceLine.objects().where(ServiceLine.encounter == encounter.id).order_by(ServiceLine.place)


async def codes_of(encounter: Encounter) -> list[tuple[str, str]]:
    rows = await Diagnosis.select().where(Diagnosis.encounter == encounter.id).order_by(Diagnosis.place)
    return [(row["code"], row["words"]) for row in rows]


def _dotted(name: str) -> str:
    return name.replace("_", ".", 1) if name.startswith("line") and "_" in name else name
