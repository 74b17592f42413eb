"""Charts, found and read within one's reach."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from piccolo.columns.combination import WhereRaw

from portal.access import NotFoundException, Viewer
from portal.clients.names import folded
from portal.clients.tables import Client, ClientAddress, ClientEmail, ClientPhone, Coverage, RelatedPerson
from portal.practice.tables import StaffMember

PAGE = 25
MOST_TERMS = 8
LONGEST_TERM = 60
DATES = (
    re.compile(r"(?P<month>\d{1,2})[/.](?P<day>\d{1,2})[/.](?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
)


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
    query = Client.select(
        Client.id,
        Client.chart_number,
        Client.given_name,
        Client.family_name,
        Client.suffix,
        Client.preferred_name,
        Client.birth_date,
        Client.family_key,
        Client.given_key,
        *_clinician_columns(),
    ).where(viewer.reaches(Client))
    terms = _terms(words)
    if words.strip():
        query = query.where(WhereRaw('"client".search @@ {}::tsquery', terms))
    if after or before:
        query = query.where(WhereRaw(f"({KEY}) {'<' if before else '>'} ({{}}, {{}}, {{}})", *(before or after or ())))
    query = query.order_by(Client.family_key, Client.given_key, Client.id, ascending=before is None)
    rows = await query.limit(PAGE + 1)
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    if before:
        rows.reverse()
    listed = [_listed(row) for row in rows]
    has_newer, has_older = (more, True) if before else (after is not None, more)
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


KEY = '"client".family_key, "client".given_key, "client".id'


def _clinician_columns() -> list[Any]:
    member = Client.principal_clinician
    return [
        member.prefix.as_alias("prefix"),
        member.given_name.as_alias("c_given"),
        member.family_name.as_alias("c_family"),
    ]


def _listed(row: dict[str, object]) -> Listed:
    name = " ".join(str(row[part]) for part in ("given_name", "family_name", "suffix") if row[part])
    clinician = StaffMember(
        prefix=row["prefix"] or "", given_name=row["c_given"] or "", family_name=row["c_family"] or ""
    ).name
    return Listed(
        id=int(str(row["id"])),
        chart_number=str(row["chart_number"]),
        name=name,
        called=str(row["preferred_name"]),
        birth_date=row["birth_date"],  # type: ignore[arg-type]
        clinician=clinician,
        key=(str(row["family_key"]), str(row["given_key"]), int(str(row["id"]))),
    )


def _terms(words: str) -> str:
    """A tsquery: a date as one term, an address as one, other words folded, each a beginning."""
    text, terms = words[:200], []
    for pattern in DATES:
        for match in pattern.finditer(text):
            try:
                terms.append(date(*(int(match[part]) for part in ("year", "month", "day"))).isoformat())
            except ValueError:
                continue
            text = text.replace(match[0], " ")
    for word in text.split():
        terms += [word.casefold()] if "@" in word else folded(word).split()
    terms = [term[:LONGEST_TERM].replace("\\", "\\\\").replace("'", "''") for term in terms[:MOST_TERMS]]
    return " & ".join(f"'{term}':*" for term in terms)


async def by_chart_number(viewer: Viewer, chart_number: str) -> Client:
    found = await Client.objects().where(viewer.reaches(Client), Client.chart_number == chart_number).first()
    if found is None:
        raise NotFoundException
    return found
