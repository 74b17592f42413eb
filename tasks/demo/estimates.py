"""What the demo's clients who pay were told that it would cost: one for each who has visits, but for Ines."""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from portal import clock
from portal.access import Viewer
from portal.clients.tables import Client
from portal.database import fetch
from portal.estimates import rules
from portal.estimates.actions import giving
from portal.estimates.drafts import EstimateDraft, ItemDraft
from portal.practice import queries as practices

ZONE = "America/New_York"
QUARTERS = 4  # of an hour, as a session is charged
OFFICE = "Annapolis office"


async def fill(charts: Mapping[str, Client], staff: Viewer) -> None:
    """Inside the caller's transaction, after the calendar and the fee schedule."""
    practices.forget()
    session, first = await _service("H0004"), await _service("H0031")
    for given, many in (("Tove", 12), ("Wei", 12), ("Marcus", 12), ("Gloria", 24)):
        await _give(
            staff, charts[given], "Weekly individual therapy", [(session, QUARTERS * many)], visits=many, every="weekly"
        )
    with clock.shifted(days=-6):
        await _give(
            staff, charts["Sami"], "First visit and six sessions", [(first, 1), (session, QUARTERS * 6)], visits=7
        )
        await _give(
            staff, charts["Maya"], "Six sessions without insurance", [(session, QUARTERS * 6)], visits=6,
            every="biweekly", diagnoses=("F41.1 Generalized anxiety disorder",),
            separate="A first visit with a psychiatrist",
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


async def _service(code: str) -> int:
    return int((await fetch("SELECT id FROM service WHERE code = {} AND is_active", code))[0]["id"])
