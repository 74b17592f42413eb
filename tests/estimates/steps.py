"""What the tests of estimates do over and over."""

import itertools
from datetime import date, timedelta
from typing import Any

from portal import clock
from portal.access import Viewer
from portal.database import fetch
from portal.estimates.actions import giving
from portal.estimates.drafts import EstimateDraft, ItemDraft
from portal.fees.tables import Fee, Service
from portal.practice import queries as practices
from portal.practice.tables import Practice, StaffMember
from portal.refusal import Refused
from tests.appointments.steps import Calendar, a_calendar
from tests.cast import Cast
from tests.schedule.steps import desk
from tests.tasks.post import work_through

ZONE = "America/New_York"
NPI, OTHER_NPI, TAX_ID = "1234567893", "1987654328", "52-1234567"
_keys = itertools.count()


async def a_practice_that_estimates(cast: Cast) -> Calendar:
    """Both clinicians with their NPI, the practice with its tax ID, two services with a fee."""
    calendar = await a_calendar(cast)
    await StaffMember.update({StaffMember.npi: NPI}).where(StaffMember.id == calendar.okafor)
    await StaffMember.update({StaffMember.npi: OTHER_NPI}).where(StaffMember.id == calendar.brandt)
    await Practice.update({Practice.tax_id: TAX_ID}, force=True)
    practices.forget()
    await a_service("H0004", "Counseling, 50 minutes", 15_000, "Consejería, 50 minutos")
    await a_service("H0031", "First assessment", 22_500)
    return calendar


async def a_service(code: str, words: str, cents: int | None, words_es: str = "") -> int:
    row = Service(code=code, words=words, words_es=words_es)
    await row.save()
    if cents is not None:
        await Fee(service=row.id, since=date(2026, 1, 1), cents=cents).save()
    return int(row.id)


async def service(code: str = "H0004") -> int:
    return int((await fetch("SELECT id FROM service WHERE code = {}", code))[0]["id"])


def today() -> date:
    return clock.today(ZONE)


async def a_draft(calendar: Calendar, *items: ItemDraft, **more: Any) -> EstimateDraft:
    """One session with Dr. Okafor within the year, where nothing else is said."""
    first = more.pop("first_day", today())
    told = {
        "words": "Individual therapy", "first_day": first, "last_day": first + timedelta(days=300),
        "key": f"test-{next(_keys)}", **more,
    }  # fmt: skip
    return EstimateDraft(items=items or (await an_item(calendar),), **told)


async def an_item(calendar: Calendar, quantity: int = 1, code: str = "H0004", **more: Any) -> ItemDraft:
    told = {"clinician_id": calendar.okafor, "site_id": calendar.site, **more}
    return ItemDraft(service_id=await service(code), quantity=quantity, **told)


async def an_estimate(cast: Cast, calendar: Calendar, *items: ItemDraft, by: Viewer | None = None, **more: Any) -> int:
    client_id = more.pop("client_id", cast.client.id)
    return await giving.give(by or desk(cast), client_id, await a_draft(calendar, *items, **more))


async def waiting(kind: str = "estimate.due") -> list[dict[str, Any]]:
    return await fetch(
        "SELECT subject_id, client, about, url, needs FROM review_item"
        " WHERE kind = {} AND settled_at IS NULL ORDER BY id",
        kind,
    )


async def ended(kind: str = "estimate.due") -> list[str]:
    rows = await fetch("SELECT outcome FROM review_item WHERE kind = {} AND settled_at IS NOT NULL ORDER BY id", kind)
    return [row["outcome"] for row in rows]


async def follow() -> None:
    """What the worker does of itself."""
    await work_through("announce")


def typed(calendar: Calendar, service_id: int, **more: Any) -> dict[str, str]:
    """As the form of staff sends it."""
    told = {
        "words": "Individual therapy", "visits": "1", "every": "", "first": today(), "key": f"form-{next(_keys)}",
        "last": today() + timedelta(days=300), "rows": "1", "item1.service": service_id, "diagnoses": "",
        "item1.clinician": calendar.okafor, "item1.site": calendar.site, "item1.quantity": "1", "item1.charge": "",
        "separate": "", "given_how": "portal", **more,
    }  # fmt: skip
    return {name: str(value) for name, value in told.items()}


def said(refusal: Refused) -> dict[str, str]:
    return {name: str(words) for name, words in refusal.sentences.items()}
