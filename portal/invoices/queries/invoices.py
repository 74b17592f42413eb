"""Invoices as staff read them, and what would stand on the next one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal import clock
from portal.access import NotFoundException, Permission, Viewer
from portal.billing.queries.pages import PAGE, Edge, Page, page_of, way
from portal.billing.settings import days_until_due
from portal.database import fetch
from portal.invoices import states
from portal.invoices.queries.waiting import OPEN
from portal.invoices.tables import Invoice
from portal.language import in_language
from portal.practice import queries as practices
from portal.practice.queries import name_of

SHOWN = f"""
SELECT invoice.id, invoice.client AS client_id, invoice.number, invoice.issued_on, invoice.due_on, invoice.total,
       invoice.made_at, invoice.voided_at, invoice.void_reason, invoice.run, invoice.replaces, o.number AS replaced,
       r.id AS replaced_by, r.number AS replacement, {name_of("m")} AS by, {name_of("v")} AS voided_by, sums.*
  FROM invoice LEFT JOIN invoice AS r ON r.replaces = invoice.id LEFT JOIN invoice AS o ON o.id = invoice.replaces
  LEFT JOIN staff_member AS m ON m.id = invoice.made_by LEFT JOIN staff_member AS v ON v.id = invoice.voided_by
  LEFT JOIN LATERAL (
    SELECT coalesce(sum(l.paid_by_insurer), 0)::bigint AS paid_by_insurer,
           coalesce(sum(l.paid_by_client), 0)::bigint AS paid_by_client,
           coalesce(sum(l.adjusted), 0)::bigint AS adjusted,
           coalesce(sum(l.insurance_due), 0)::bigint AS insurance_due,
           coalesce(sum(l.client_due), 0)::bigint AS client_due
      FROM invoice_line AS n JOIN service_line AS l ON l.id = n.line WHERE n.invoice = invoice.id) AS sums ON true
 WHERE {{}} AND
"""
LINES = f"""
SELECT n.line, n.amount, e.id AS encounter, e.starts_at, e.time_zone, l.code, l.words, l.words_es, l.modifiers,
       l.units, l.fee, l.paid_by_insurer, l.paid_by_client, l.adjusted, l.insurance_due, l.client_due,
       {name_of("c")} AS clinician
  FROM invoice_line AS n JOIN service_line AS l ON l.id = n.line JOIN encounter AS e ON e.id = l.encounter
  LEFT JOIN staff_member AS c ON c.id = e.clinician
 WHERE n.invoice = {{}} ORDER BY n.place
"""
NEXT = """
SELECT l.id, e.starts_at, e.time_zone, l.code, l.words, l.words_es, l.charged, l.insurance_due, l.client_due
  FROM service_line AS l JOIN encounter AS e ON e.id = l.encounter WHERE l.id = ANY({}::bigint[])
 ORDER BY e.starts_at, l.encounter, l.place
"""


@dataclass(frozen=True)
class Issued:
    """`replaced` and `replacement` are numbers of other invoices. The sums are those of its services now, in cents."""

    id: int
    client_id: int
    number: int
    issued_on: date
    due_on: date
    total: int
    made_at: datetime
    voided_at: datetime | None
    void_reason: str
    run: int | None
    replaces: int | None
    replaced: int | None
    replaced_by: int | None
    replacement: int | None
    by: str
    voided_by: str
    paid_by_insurer: int
    paid_by_client: int
    adjusted: int
    insurance_due: int
    client_due: int
    state: str

    @property
    def words(self) -> object:
        return states.WORDS[self.state]

    @property
    def mark(self) -> str:
        return states.MARKS[self.state]

    @property
    def balance(self) -> int:
        return self.client_due + self.insurance_due


@dataclass(frozen=True)
class Line:
    line: int
    amount: int
    encounter: int
    starts_at: datetime
    time_zone: str
    code: str
    words: str
    words_es: str
    modifiers: Sequence[str]
    units: int
    fee: int
    paid_by_insurer: int
    paid_by_client: int
    adjusted: int
    insurance_due: int
    client_due: int
    clinician: str

    @property
    def said(self) -> str:
        return in_language(self.words, self.words_es)


@dataclass(frozen=True)
class Next:
    """A service that no invoice names."""

    id: int
    starts_at: datetime
    time_zone: str
    code: str
    words: str
    words_es: str
    charged: int
    insurance_due: int
    client_due: int

    @property
    def said(self) -> str:
        return in_language(self.words, self.words_es)


async def invoice(viewer: Viewer, invoice_id: int) -> Issued:
    viewer.must(Permission.LEDGER_READ)
    rows = await fetch(SHOWN + "invoice.id = {}", viewer.reaches(Invoice).querystring, invoice_id)
    if not rows:
        raise NotFoundException
    return _issued(rows[0], await _today(viewer))


async def lines(viewer: Viewer, invoice_id: int) -> list[Line]:
    """Whoever asks has reached the invoice."""
    return [Line(**row) for row in await fetch(LINES, invoice_id)]


async def of_client(viewer: Viewer, client_id: int, edge: Edge) -> Page[Issued]:
    viewer.must(Permission.LEDGER_READ)
    sides = way(edge)
    rows = await fetch(
        SHOWN + f"invoice.client = {{}} AND ({{}}::bigint IS NULL OR invoice.id {sides['beyond']} {{}})"
        f" ORDER BY invoice.id {sides['way']} LIMIT {PAGE + 1}",
        viewer.reaches(Invoice).querystring,
        client_id,
        edge.id,
        edge.id,
    )
    today = await _today(viewer)
    return page_of([_issued(row, today) for row in rows], edge, edge.id, lambda one: str(one.id))


async def not_invoiced(viewer: Viewer, client_id: int) -> list[Next]:
    """What the next invoice would name, the oldest first. Whoever asks has reached the client."""
    viewer.must(Permission.INVOICE_ISSUE)
    found = await fetch(OPEN, client_id, clock.now(), None, None)
    return [Next(**row) for row in await fetch(NEXT, [one["id"] for one in found])]


async def due_on(viewer: Viewer) -> date:
    """Of an invoice that is issued today."""
    return await _today(viewer) + timedelta(days=await days_until_due(viewer))


async def _today(viewer: Viewer) -> date:
    return clock.today((await practices.practice(viewer)).time_zone)


def _issued(row: dict, today: date) -> Issued:
    state = states.standing(row["voided_at"], row["client_due"], row["insurance_due"], row["due_on"], today)
    return Issued(state=state, **row)
