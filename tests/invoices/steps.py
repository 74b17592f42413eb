"""A practice of which a superbill lacks nothing, and papers as the worker makes them."""

import re
from pathlib import Path

from portal import language
from portal.clients.tables import Client
from portal.database import fetch
from portal.practice import queries as practices
from tasks.actors import press
from tests.papers.steps import words_of
from tests.tasks.post import work_through

PRACTICE = """
UPDATE practice SET legal_name = 'Harbor Lane Counseling, LLC', street = '12 Harbor Lane', city = 'Annapolis',
  state = 'MD', postal_code = '21401', tax_id = '52-1234567', npi = '1234567893'
"""
CLINICIANS = (
    "UPDATE staff_member SET npi = '1003000126', credentials = 'PhD', license_number = '06123', license_state = 'MD'"
)
ADDRESS = """
INSERT INTO client_address (client, kind, street, street_2, city, state, postal_code, country)
VALUES ({}, 'home', '8 Spa Creek Way', 'Apt 3', 'Annapolis', 'MD', '21403', 'US')
"""
PHONE = (
    "INSERT INTO client_phone (client, kind, number, may_leave_message) VALUES ({}, 'mobile', '+14435550123', false)"
)


async def a_whole_practice(client: Client) -> None:
    for sql in (PRACTICE, CLINICIANS):
        await fetch(sql)
    await fetch("UPDATE client SET sex = 'female' WHERE id = {}", client.id)
    for sql in (ADDRESS, PHONE):
        await fetch(sql, client.id)
    practices.forget()


async def settle() -> None:
    """What follows from what was done, and the papers of it."""
    await work_through("announce")
    await work_through("issue")


async def printed(html: str, folder: Path) -> str:
    """The words on the paper."""
    return words_of(await press.printed(html), folder)


async def paper(kind: str, subject_id: int, spoken: str = "en") -> dict | None:
    rows = await fetch(
        "SELECT * FROM issued_paper WHERE kind = {} AND subject_id = {} AND language = {} AND let_go_at IS NULL",
        kind, subject_id, spoken,
    )  # fmt: skip
    return rows[0] if rows else None


async def lines_of(encounter: int) -> list[int]:
    return [
        row["id"] for row in await fetch("SELECT id FROM service_line WHERE encounter = {} ORDER BY place", encounter)
    ]


def cents(words: str, label: str) -> int:
    """What stands behind these words, on one line."""
    found = re.search(rf"{re.escape(label)}\s+(-?)\$([\d,]+)\.(\d\d)", words)
    if found is None:
        return 0
    return (-1 if found[1] else 1) * int(found[2].replace(",", "") + found[3])


def speaking(spoken: str):
    return language.speaking(spoken)
