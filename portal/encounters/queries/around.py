"""What may be chosen for an encounter: who saw the client, where, and whose insurance is asked."""

from datetime import date
from typing import NamedTuple

from portal.access import Permission, Viewer
from portal.clients.names import full_name
from portal.clients.tables import Coverage
from portal.database import fetch
from portal.encounters.drafts import Insured
from portal.practice import queries as practices
from portal.practice.queries import Person, name_of

COVERAGES = """
SELECT coverage.id, payer, plan, member_id, group_number, subscriber_name, relationship, c.given_name, c.family_name,
       c.suffix
  FROM coverage JOIN client AS c ON c.id = coverage.client
 WHERE coverage.client = {} AND payer <> '' AND {}
   AND (starts_on IS NULL OR starts_on <= {}) AND (ends_on IS NULL OR ends_on >= {})
 ORDER BY rank, coverage.id
"""


class Where(NamedTuple):
    """`zone` is what the wall clock shows there."""

    id: int
    name: str
    zone: str


async def clinicians(viewer: Viewer, own: int) -> list[Person]:
    """Those who see clients now, and whoever saw this one."""
    viewer.must(Permission.ENCOUNTER_RECORD)
    rows = await fetch(
        f"SELECT id, {name_of('m')} AS name FROM staff_member AS m WHERE is_clinician AND is_active OR id = {{}}"
        " ORDER BY family_name, given_name, id",
        own,
    )
    return [Person(**row) for row in rows]


async def sites(viewer: Viewer, own: int) -> list[Where]:
    """Those that are open, and where this visit was."""
    viewer.must(Permission.ENCOUNTER_RECORD)
    rows = await fetch(
        "SELECT id, name, coalesce(nullif(time_zone, ''), {}) AS zone FROM site WHERE is_active OR id = {}"
        " ORDER BY name, id",
        (await practices.practice(viewer)).time_zone,
        own,
    )
    return [Where(**row) for row in rows]


async def coverages(viewer: Viewer, client_id: int, day: date) -> dict[str, Insured]:
    """What the chart says of that day, the primary one first, by its id."""
    viewer.must(Permission.ENCOUNTER_RECORD)
    rows = await fetch(COVERAGES, client_id, viewer.reaches(Coverage).querystring, day, day)
    return {str(row["id"]): _insured(row) for row in rows}


def _insured(row: dict[str, str]) -> Insured:
    is_own = row["relationship"] in ("", "self")
    return Insured(
        payer=row["payer"],
        plan=row["plan"],
        member_id=row["member_id"],
        group_number=row["group_number"],
        subscriber=row["subscriber_name"] or (full_name(row) if is_own else ""),
        relationship=row["relationship"] or "self",
    )
