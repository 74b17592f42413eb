"""An account that the demo has not: visits and payments of two years ago, put in by the portal's own acts."""

from tests.promise.conftest import Portal

CLIENT = 6  # rosa.delgado@example.com
RECORDS = """
from datetime import UTC, date, datetime
from portal.access import Viewer
from portal.billing.actions import charging, deciding, paying, returning
from portal.billing.actions.deciding import Part, Remittance
from portal.billing.actions.paying import Taken
from portal.billing.actions.returning import Back
from portal.database import fetch
from portal.encounters.drafts import DiagnosisDraft, EncounterDraft, Insured, LineDraft
from portal.invoices.actions import issuing
from tasks.cli.running import run

CLIENT, TEST = {client}, Viewer.portal("test")
TALK = LineDraft("H0004", "Counseling, 15 minutes", 4, 3750, "Consejería, 15 minutos", pointers=(1,))
GROUP = LineDraft("H0005", "Group counseling", 1, 6000, "Consejería en grupo", pointers=(1,))
PLAN = Insured("Aetna", "Open Access", "W2093 11864", "", "Rosa Delgado", "self")

async def visit(place, site, who, *lines, **more):
    at = datetime(2024, 1 + place // 28, 1 + place % 28, 15, tzinfo=UTC)
    draft = EncounterDraft(CLIENT, who, site, at, "America/New_York", lines, **more,
                           diagnoses=(DiagnosisDraft("F41.1", "Generalized anxiety disorder"),))
    encounter = await charging.record(TEST, draft)
    rows = await fetch("SELECT id FROM service_line WHERE encounter = {{}} ORDER BY id", encounter)
    return [row["id"] for row in rows]

async def records():
    if await fetch("SELECT id FROM encounter WHERE client = {{}} AND starts_at < '2024-12-31'", CLIENT):
        return
    site = (await fetch("SELECT id FROM site ORDER BY id LIMIT 1"))[0]["id"]
    whos = [row["id"] for row in await fetch("SELECT id FROM staff_member WHERE is_clinician ORDER BY id LIMIT 2")]
    lines = [await visit(place, site, whos[place % 2], *((TALK, GROUP) if place % 10 == 0 else (TALK,)))
             for place in range(29)]
    insured = await visit(29, site, whos[0], TALK, insured=PLAN)
    await visit(30, site, whos[0], TALK, insured=PLAN)
    day = date(2024, 3, 1)
    parts = [Part(insured[0], 9000, 3500, 2500)]
    await deciding.post_remittance(TEST, CLIENT, Remittance("Aetna", "transfer", day, parts))
    await issuing.issue(TEST, CLIENT, [one for both in lines[:3] for one in both])
    paid = await paying.take(TEST, CLIENT, Taken("check", 30000, day, "1042"),
                             {{lines[3][0]: 15000, lines[4][0]: 15000}})
    await returning.refund(TEST, paid, Back("cash", "Paid twice", {{lines[4][0]: 5000}}))

run(records)
"""


def an_account(portal: Portal) -> None:
    """31 visits from January 1 to February 3, 2024, once for all tests: two paid by check, $50.00 of it given back."""
    portal.work(RECORDS.format(client=CLIENT))
