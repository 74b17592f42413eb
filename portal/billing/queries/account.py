"""One client's account as staff read it: services, the ledger, payments; the newest first, page by page."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from piccolo.querystring import QueryString

from portal.access import Permission, Viewer
from portal.billing.queries.pages import PAGE, Edge, Page, page_of, way
from portal.billing.queries.paid import COLUMNS, FROM, Paid
from portal.billing.tables import Payment, Posting, PostingKind
from portal.billing.words import KINDS
from portal.database import fetch
from portal.encounters.tables import ServiceLine
from portal.keyset import Place
from portal.language import in_language
from portal.practice.queries import name_of

SERVICES = """
SELECT service_line.id, service_line.encounter, e.starts_at, e.time_zone, service_line.code, service_line.words,
       service_line.words_es, e.payer, e.voided_at, service_line.charged, service_line.paid_by_insurer,
       service_line.paid_by_client, service_line.adjusted, service_line.insurance_due, service_line.client_due,
       i.id AS invoice_id, i.number AS invoice
  FROM service_line JOIN encounter AS e ON e.id = service_line.encounter
  LEFT JOIN invoice_line AS n ON n.line = service_line.id AND n.is_live LEFT JOIN invoice AS i ON i.id = n.invoice
 WHERE service_line.client = {{}} AND {{}} AND {which}
   AND ({{}}::timestamptz IS NULL OR (e.starts_at, service_line.id) {beyond} ({{}}, {{}}))
 ORDER BY e.starts_at {way}, service_line.id {way} LIMIT {limit}
"""
OPEN = "(service_line.insurance_due > 0 OR service_line.client_due > 0)"
POSTINGS = f"""
SELECT p.id, p.kind, p.counts_on, p.made_at, p.reason, p.payment, p.reverses, {name_of("m")} AS by,
       r.id AS reversed_by, r.made_at AS reversed_at, o.kind AS reversed_kind, sums.*
  FROM (SELECT * FROM posting WHERE posting.client = {{{{}}}} AND {{{{}}}}
           AND ({{{{}}}}::bigint IS NULL OR posting.id {{beyond}} {{{{}}}}) ORDER BY posting.id {{way}}
         LIMIT {{limit}}) AS p
  LEFT JOIN staff_member AS m ON m.id = p.made_by
  LEFT JOIN posting AS r ON r.reverses = p.id
  LEFT JOIN posting AS o ON o.id = p.reverses
  LEFT JOIN LATERAL (
    SELECT coalesce(sum(e.amount) FILTER (WHERE e.line IS NOT NULL AND e.share = 'client'), 0)::bigint AS client,
           coalesce(sum(e.amount) FILTER (WHERE e.share = 'insurance'), 0)::bigint AS insurance,
           coalesce(-sum(e.amount) FILTER (WHERE e.line IS NULL), 0)::bigint AS credit,
           json_agg(json_build_object('line', e.line, 'encounter', l.encounter, 'code', l.code, 'words', l.words,
                    'words_es', l.words_es, 'kind', e.kind, 'amount', e.amount) ORDER BY e.id) AS entries
      FROM entry AS e LEFT JOIN service_line AS l ON l.id = e.line WHERE e.posting = p.id) AS sums ON true
 ORDER BY p.id {{way}}
"""


@dataclass(frozen=True)
class Service:
    """One service with its sums, in cents."""

    id: int
    encounter: int
    starts_at: datetime
    time_zone: str
    code: str
    words: str
    words_es: str
    payer: str
    voided_at: datetime | None
    charged: int
    paid_by_insurer: int
    paid_by_client: int
    adjusted: int
    insurance_due: int
    client_due: int
    invoice_id: int | None
    invoice: int | None

    @property
    def said(self) -> str:
        return in_language(self.words, self.words_es)


@dataclass(frozen=True)
class Moved:
    """What was posted at once: by how many cents each sum grew or shrank, and for which services.

    `encounter` is the visit, where it was recorded or voided by this.
    """

    id: int
    kind: str
    counts_on: date
    made_at: datetime
    reason: str
    payment: int | None
    reverses: int | None
    by: str
    reversed_by: int | None
    reversed_at: datetime | None
    reversed_kind: str | None
    client: int
    insurance: int
    credit: int
    services: Sequence[str]
    encounter: int | None

    @property
    def title(self) -> object:
        return KINDS[self.kind]

    @property
    def undone(self) -> object:
        """What a reversal has taken back."""
        return KINDS[self.reversed_kind] if self.reversed_kind else ""


async def services(viewer: Viewer, client_id: int, edge: Edge, *, is_open: bool) -> Page[Service]:
    viewer.must(Permission.LEDGER_READ)
    place = edge.place
    sql = SERVICES.format(which=OPEN if is_open else "TRUE", limit=PAGE + 1, **way(edge))
    at, id = place or (None, None)
    rows = await fetch(sql, client_id, _reach(viewer, ServiceLine), at, at, id)
    return page_of([Service(**row) for row in rows], edge, place, lambda one: Place(one.starts_at, one.id).written)


async def postings(viewer: Viewer, client_id: int, edge: Edge) -> Page[Moved]:
    viewer.must(Permission.LEDGER_READ)
    sql = POSTINGS.format(limit=PAGE + 1, **way(edge))
    rows = await fetch(sql, client_id, _reach(viewer, Posting), edge.id, edge.id)
    return page_of([_moved(row) for row in rows], edge, edge.id, lambda one: str(one.id))


async def posting(viewer: Viewer, client_id: int, posting_id: int) -> Moved | None:
    viewer.must(Permission.LEDGER_READ)
    rows = await fetch(
        POSTINGS.format(limit=1, beyond="=", way="DESC"), client_id, _reach(viewer, Posting), posting_id, posting_id
    )
    return _moved(rows[0]) if rows else None


async def payments(viewer: Viewer, client_id: int, edge: Edge) -> Page[Paid]:
    viewer.must(Permission.LEDGER_READ)
    sides = way(edge)
    rows = await fetch(
        f"SELECT {COLUMNS} {FROM} WHERE payment.client = {{}} AND {{}}"
        f" AND ({{}}::bigint IS NULL OR payment.id {sides['beyond']} {{}})"
        f" ORDER BY payment.id {sides['way']} LIMIT {PAGE + 1}",
        client_id,
        _reach(viewer, Payment),
        edge.id,
        edge.id,
    )
    return page_of([Paid(**row) for row in rows], edge, edge.id, lambda one: str(one.id))


def _moved(row: dict[str, Any]) -> Moved:
    entries = json.loads(row.pop("entries") or "[]")
    lines = {
        one["line"]: f"{in_language(one['words'], one['words_es'])} ({one['code']})" for one in entries if one["line"]
    }
    visits = {one["encounter"] for one in entries if one["line"]}
    is_of_visit = row["kind"] in (PostingKind.ENCOUNTER, PostingKind.VOID)
    return Moved(services=list(lines.values()), encounter=visits.pop() if is_of_visit and visits else None, **row)


def _reach(viewer: Viewer, table: Any) -> QueryString:
    found: QueryString = viewer.reaches(table).querystring
    return found
