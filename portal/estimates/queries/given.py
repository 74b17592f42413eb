"""Estimates as they were given, for staff and for whoever acts for the client."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from piccolo.querystring import QueryString

from portal.access import NotFoundException, Permission, Viewer
from portal.database import fetch
from portal.estimates.tables import Estimate
from portal.keyset import Place, turned
from portal.language import in_language
from portal.practice.queries import name_of

PAGE = 30
FIELDS = f"""
SELECT estimate.*, estimate.client AS client_id, estimate.appointment AS appointment_id,
       (SELECT n.id FROM estimate AS n WHERE n.replaces = estimate.id) AS replaced_by,
       {name_of("m")} AS given_by_name
  FROM estimate LEFT JOIN staff_member AS m ON m.id = estimate.given_by
"""
PROVIDERS = "SELECT * FROM estimate_provider WHERE estimate = {} ORDER BY place"
ITEMS = """
SELECT i.* FROM estimate_item AS i JOIN estimate_provider AS p ON p.id = i.provider
 WHERE p.estimate = {} ORDER BY p.place, i.place
"""


@dataclass(frozen=True)
class Item:
    code: str
    words: str
    words_es: str
    quantity: int
    charge: int

    @property
    def said(self) -> str:
        """In the reader's language, as far as the practice wrote it."""
        return in_language(self.words, self.words_es)

    @property
    def total(self) -> int:
        return self.quantity * self.charge


@dataclass(frozen=True)
class Provider:
    clinician: int
    name: str
    npi: str
    tax_id: str
    site: str
    address: str
    state: str
    total: int
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Given:
    """`replaced_by` is the newer one; `providers` come only where one estimate is read."""

    id: int
    client_id: int
    appointment_id: int | None
    replaces: int | None
    replaced_by: int | None
    client_name: str
    birth_date: date | None
    practice_name: str
    practice_address: str
    practice_phone: str
    words: str
    starts_at: datetime | None
    time_zone: str
    visits: int
    every: str
    first_day: date
    last_day: date
    diagnoses: list[str]
    separate: str
    total: int
    given_how: str
    given_by_name: str
    given_at: datetime
    providers: tuple[Provider, ...] = ()

    @cached_property
    def separate_ones(self) -> list[str]:
        return self.separate.splitlines()

    @property
    def place(self) -> Place:
        return Place(self.given_at, self.id)


@dataclass(frozen=True)
class Listed:
    estimates: list[Given]
    newer: Place | None
    older: Place | None


async def of_client(
    viewer: Viewer, client_id: int, *, is_staff: bool, after: Place | None = None, before: Place | None = None
) -> Listed:
    """The newest first. Nothing outside one's reach."""
    way, order = (">", "ASC") if before else ("<", "DESC")
    beyond = QueryString("TRUE")
    if edge := after or before:
        beyond = QueryString(f"(estimate.given_at, estimate.id) {way} ({{}}, {{}})", *edge)
    sql = f"{FIELDS} WHERE estimate.client = {{}} AND {{}} AND {{}}"
    sql += f" ORDER BY estimate.given_at {order}, estimate.id {order} LIMIT {PAGE + 1}"
    rows = [_given(row) for row in await fetch(sql, client_id, _reached(viewer, is_staff=is_staff), beyond)]
    page, has_newer, has_older = turned(rows, PAGE, is_begun=after is not None, is_backwards=before is not None)
    return Listed(page, page[0].place if page and has_newer else None, page[-1].place if page and has_older else None)


async def estimate(viewer: Viewer, estimate_id: int, *, is_staff: bool, client_id: int | None = None) -> Given:
    """Not found outside one's reach, or where it is another client's."""
    sql = f"{FIELDS} WHERE estimate.id = {{}} AND coalesce({{}}::bigint, estimate.client) = estimate.client AND {{}}"
    rows = await fetch(sql, estimate_id, client_id, _reached(viewer, is_staff=is_staff))
    if not rows:
        raise NotFoundException
    items = await fetch(ITEMS, estimate_id)
    providers = await fetch(PROVIDERS, estimate_id)
    return _given(
        rows[0], tuple(_provider(row, [one for one in items if one["provider"] == row["id"]]) for row in providers)
    )


def _reached(viewer: Viewer, *, is_staff: bool) -> QueryString:
    """On a client's own pages by grants alone, whoever also works here."""
    if is_staff:
        viewer.must(Permission.ESTIMATE_GIVE)
    reached = viewer.reaches(Estimate) if is_staff else viewer.reaches_as_client(Estimate, Estimate.area)
    return QueryString("{}", reached.querystring)


def _given(row: Mapping[str, Any], providers: tuple[Provider, ...] = ()) -> Given:
    own = {name: row[name] for name in Given.__dataclass_fields__ if name in row}
    return Given(**own, providers=providers)


def _provider(row: Mapping[str, Any], items: list[dict[str, Any]]) -> Provider:
    own = {name: row[name] for name in Provider.__dataclass_fields__ if name in row}
    mine = (one for one in items if one["provider"] == row["id"])
    return Provider(**own, items=tuple(Item(*(one[name] for name in Item.__dataclass_fields__)) for one in mine))
