"""What the demo's clients who pay were told that it would cost: one for each who has visits, but for Ines."""

import secrets
from collections.abc import Mapping
from datetime import date, timedelta

from portal import clock
from portal.access import Viewer
from portal.clients.tables import Client
from portal.database import fetch
from portal.estimates import rules
from portal.estimates.actions import giving
from portal.estimates.drafts import EstimateDraft, ItemDraft
from portal.fees.tables import Fee, Service
from portal.practice import queries as practices

ZONE = "America/New_York"
TAX_ID = "52-1234567"
NPIS = ("1234567893", "1987654328")
SESSION = ("H0004", "Individual counseling, 50 minutes", "Consejería individual, 50 minutos", 15_000)
FIRST = ("H0031", "First assessment", "Primera evaluación", 22_500)
OFFICE = "Annapolis office"


async def fill(charts: Mapping[str, Client], staff: Viewer, okafor: int, brandt: int) -> None:
    """Inside the caller's transaction, after the calendar."""
    await _numbers(okafor, brandt)
    session, first = await _service(*SESSION), await _service(*FIRST)
    for given, many in (("Tove", 12), ("Wei", 12), ("Marcus", 12), ("Gloria", 24)):
        await _give(staff, charts[given], "Weekly individual therapy", [(session, many)], visits=many, every="weekly")
    with clock.shifted(days=-6):
        await _give(staff, charts["Sami"], "First visit and six sessions", [(first, 1), (session, 6)], visits=7)
        await _give(
            staff, charts["Maya"], "Six sessions without insurance", [(session, 6)], visits=6, every="biweekly",
            diagnoses=("F41.1 Generalized anxiety disorder",), separate="A first visit with a psychiatrist",
        )  # fmt: skip


async def _give(
    staff: Viewer, chart: Client, words: str, services: list[tuple[int, int]], *, visits: int, every: str = "",
    diagnoses: tuple[str, ...] = (), separate: str = "",
) -> None:  # fmt: skip
    today = clock.today(ZONE)
    site = (await fetch("SELECT id FROM site WHERE name = {}", OFFICE))[0]["id"]
    how = "portal" if await fetch("SELECT id FROM access_grant WHERE client = {} LIMIT 1", chart.id) else "paper"
    items = tuple(ItemDraft(service, int(chart.principal_clinician), site, many) for service, many in services)
    await giving.give(
        staff,
        chart.id,
        EstimateDraft(
            words=words, items=items, first_day=today, last_day=rules.latest_end(today) - timedelta(days=183),
            key=secrets.token_hex(8), visits=visits, every=every, diagnoses=diagnoses, separate=separate,
            given_how=how,
        ),
    )  # fmt: skip


async def _numbers(*clinicians: int) -> None:
    """Where they are not known yet."""
    for clinician, npi in zip(clinicians, NPIS, strict=True):
        await fetch("UPDATE staff_member SET npi = {} WHERE id = {} AND npi = ''", npi, clinician)
    await fetch("UPDATE practice SET tax_id = {} WHERE tax_id = ''", TAX_ID)
    practices.forget()


async def _service(code: str, words: str, words_es: str, cents: int) -> int:
    """Of the fee schedule, or new in it."""
    for one in await fetch("SELECT id FROM service WHERE code = {} AND is_active", code):
        return int(one["id"])
    row = Service(code=code, words=words, words_es=words_es)
    await row.save()
    await Fee(service=row.id, since=date(2020, 1, 1), cents=cents).save()
    return int(row.id)
