"""Charts, found and read within one's reach."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from piccolo.querystring import QueryString

from portal.access import NotFoundException, Viewer
from portal.clients.names import full_name, sought
from portal.clients.tables import Client, ClientAddress, ClientEmail, ClientPhone, Coverage, RelatedPerson
from portal.database import fetch
from portal.keyset import turned

PAGE = 25
NEAR = 2000
RARE = re.compile(r"'[^']*@|'\d{4}")


@dataclass(frozen=True)
class Listed:
    """One line of the client list."""

    id: int
    chart_number: str
    name: str
    called: str
    birth_date: date | None
    clinician: str
    key: tuple[str, str, int]


@dataclass(frozen=True)
class Found:
    """A page of clients in the order of their names; `older` is where the next page begins."""

    clients: list[Listed]
    newer: tuple[str, str, int] | None
    older: tuple[str, str, int] | None


async def find_clients(
    viewer: Viewer,
    words: str = "",
    *,
    after: tuple[str, str, int] | None = None,
    before: tuple[str, str, int] | None = None,
) -> Found:
    """By name, chart number, e-mail or date of birth; every word must be found, beginnings are enough."""
    rows = await _in_order(viewer, sought(words) if words.strip() else None, after or before, forwards=before is None)
    page, has_newer, has_older = turned(rows, PAGE, is_begun=after is not None, is_backwards=before is not None)
    listed = [_listed(row) for row in page]
    return Found(
        listed,
        listed[0].key if listed and has_newer else None,
        listed[-1].key if listed and has_older else None,
    )


async def client(viewer: Viewer, client_id: int) -> Client:
    found = (
        await Client.objects(Client.principal_clinician).where(viewer.reaches(Client), Client.id == client_id).first()
    )
    if found is None:
        raise NotFoundException
    return found


async def emails(viewer: Viewer, client_id: int) -> list[ClientEmail]:
    return await (
        ClientEmail.objects()
        .where(viewer.reaches(ClientEmail), ClientEmail.client == client_id)
        .order_by(ClientEmail.id)
    )


@dataclass(frozen=True)
class Details:
    """What stands on a chart beside the name."""

    phones: list[ClientPhone]
    addresses: list[ClientAddress]
    people: list[RelatedPerson]
    coverages: list[Coverage]


async def details(viewer: Viewer, client_id: int) -> Details:
    phones = ClientPhone.objects().where(viewer.reaches(ClientPhone), ClientPhone.client == client_id)
    addresses = ClientAddress.objects().where(viewer.reaches(ClientAddress), ClientAddress.client == client_id)
    coverages = Coverage.objects().where(viewer.reaches(Coverage), Coverage.client == client_id)
    return Details(
        await phones.order_by(ClientPhone.id),
        await addresses.order_by(ClientAddress.id),
        await people(viewer, client_id),
        await coverages.order_by(Coverage.rank, Coverage.id),
    )


async def people(viewer: Viewer, client_id: int) -> list[RelatedPerson]:
    return await (
        RelatedPerson.objects()
        .where(viewer.reaches(RelatedPerson), RelatedPerson.client == client_id)
        .order_by(RelatedPerson.id)
    )


async def _in_order(
    viewer: Viewer, terms: str | None, edge: tuple[str, str, int] | None, *, forwards: bool
) -> list[dict[str, Any]]:
    """One more than a page of those beyond the edge."""
    reached = viewer.reaches(Client).querystring
    if edge:
        beyond = f"{{}} AND (family_key, given_key, id) {'>' if forwards else '<'} ({{}}, {{}}, {{}})"
        reached = QueryString(beyond, reached, *edge)
    if terms is None:
        return await fetch(_lines(forwards), reached)
    return await fetch(_lines(forwards, 0 if RARE.search(terms) else NEAR), reached, terms, terms, reached)


@cache
def _lines(forwards: bool, near: int | None = None) -> str:
    """A search looks through so many next names first. Where they do not fill the page, few fit: the index of words
    finds those, to be sorted. PostgreSQL alone takes a word that nobody has for a common one, and reads everybody.
    """
    way = "ASC" if forwards else "DESC"
    by_name = f"ORDER BY family_key {way}, given_key {way}, id {way} LIMIT"
    found = f"SELECT * FROM client WHERE {{}} {by_name} {PAGE + 1}"
    if near is not None:
        found = f"""
    WITH near AS MATERIALIZED (
        SELECT * FROM (SELECT * FROM client WHERE {{}} {by_name} {near}) AS nearest
         WHERE search @@ {{}}::tsquery LIMIT {PAGE + 1}
    )
    SELECT * FROM near WHERE (SELECT count(*) FROM near) > {PAGE} UNION ALL SELECT * FROM (
        SELECT * FROM client WHERE (SELECT count(*) FROM near) <= {PAGE} AND search @@ {{}}::tsquery AND {{}} OFFSET 0
    ) AS fitting {by_name} {PAGE + 1}"""
    return f"""
    SELECT c.id, chart_number, c.given_name, c.family_name, suffix, preferred_name, birth_date, family_key, given_key,
           prefix, m.given_name AS c_given, m.family_name AS c_family
      FROM ({found}) AS c LEFT JOIN staff_member AS m ON m.id = c.principal_clinician
     ORDER BY family_key {way}, given_key {way}, c.id {way}"""


def _listed(row: dict[str, object]) -> Listed:
    clinician = " ".join(str(row[part]) for part in ("prefix", "c_given", "c_family") if row[part])
    return Listed(
        id=int(str(row["id"])),
        chart_number=str(row["chart_number"]),
        name=full_name(row),
        called=str(row["preferred_name"]),
        birth_date=row["birth_date"],  # type: ignore[arg-type]
        clinician=clinician,
        key=(str(row["family_key"]), str(row["given_key"]), int(str(row["id"]))),
    )


async def by_chart_number(viewer: Viewer, chart_number: str) -> Client:
    found = await Client.objects().where(viewer.reaches(Client), Client.chart_number == chart_number).first()
    if found is None:
        raise NotFoundException
    return found
