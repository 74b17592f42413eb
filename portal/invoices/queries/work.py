"""What of money waits for somebody: the lists of the billing page, each from its longest wait on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal import clock
from portal.access import Permission, Viewer
from portal.billing.tables import LedgerAccount
from portal.clients.names import full_name
from portal.database import fetch
from portal.encounters.tables import ServiceLine
from portal.invoices.tables import Invoice
from portal.keyset import Place, turned
from portal.practice import queries as practices

PAGE = 25
NAMES = "c.id AS client_id, c.given_name, c.family_name, c.suffix"
NO_INVOICE = "NULL::bigint AS invoice_id, NULL::bigint AS number, NULL::date AS due_on"
TO_INVOICE = f"""
SELECT {NAMES}, count(*) AS many, sum(service_line.charged)::bigint AS cents, min(e.starts_at) AS at, c.id, {NO_INVOICE}
  FROM service_line JOIN encounter AS e ON e.id = service_line.encounter JOIN client AS c ON c.id = service_line.client
 WHERE {{}} AND e.voided_at IS NULL AND service_line.charged > 0
   AND NOT EXISTS (SELECT FROM invoice_line AS n WHERE n.line = service_line.id AND n.is_live) AND {{}}
 GROUP BY c.id
"""
CREDIT = f"""
SELECT {NAMES}, 0 AS many, least(ledger_account.credit, ledger_account.client_due) AS cents,
       timestamptz 'epoch' AS at, c.id, {NO_INVOICE}
  FROM ledger_account JOIN client AS c ON c.id = ledger_account.client
 WHERE {{}} AND ledger_account.credit > 0 AND ledger_account.client_due > 0 AND {{}}
"""
WAITING = f"""
SELECT {NAMES}, count(*) AS many, sum(l.insurance_due)::bigint AS cents, min(e.starts_at) AS at, c.id, {NO_INVOICE}
  FROM ledger_account JOIN client AS c ON c.id = ledger_account.client
  JOIN service_line AS l ON l.client = c.id AND l.insurance_due > 0 JOIN encounter AS e ON e.id = l.encounter
 WHERE {{}} AND ledger_account.insurance_due > 0 AND {{}}
 GROUP BY c.id
"""
OVERDUE = f"""
SELECT {NAMES}, 0 AS many, s.cents, invoice.due_on::timestamp AT TIME ZONE 'UTC' AS at, invoice.id,
       invoice.id AS invoice_id, invoice.number, invoice.due_on
  FROM invoice JOIN client AS c ON c.id = invoice.client,
       LATERAL (SELECT sum(l.client_due)::bigint AS cents FROM invoice_line AS n JOIN service_line AS l ON l.id = n.line
                 WHERE n.invoice = invoice.id) AS s
 WHERE {{}} AND invoice.voided_at IS NULL AND s.cents > 0 AND invoice.due_on < {{}} AND {{}}
"""
OF_CLINICIAN = "({}::bigint IS NULL OR c.principal_clinician = {})"


@dataclass(frozen=True)
class Waiting:
    """A client with so `many` services for so many cents, the oldest of them `at` then; or one invoice of theirs."""

    client_id: int
    name: str
    many: int
    cents: int
    at: datetime
    id: int
    invoice_id: int | None
    number: int | None
    due_on: date | None

    @property
    def place(self) -> Place:
        return Place(self.at, self.id)


@dataclass(frozen=True)
class Found:
    rows: Sequence[Waiting]
    total: int
    before: Place | None
    after: Place | None


async def to_invoice(viewer: Viewer, after: Place | None, before: Place | None, clinician: int | None) -> Found:
    """Clients with services that no invoice names."""
    return await _found(viewer, TO_INVOICE, (viewer.reaches(ServiceLine).querystring,), after, before, clinician)


async def credit(viewer: Viewer, after: Place | None, before: Place | None, clinician: int | None) -> Found:
    """Clients who have paid ahead and owe something all the same."""
    return await _found(viewer, CREDIT, (viewer.reaches(LedgerAccount).querystring,), after, before, clinician)


async def with_insurers(viewer: Viewer, after: Place | None, before: Place | None, clinician: int | None) -> Found:
    """Clients with services that an insurer has still to decide."""
    return await _found(viewer, WAITING, (viewer.reaches(LedgerAccount).querystring,), after, before, clinician)


async def overdue(viewer: Viewer, after: Place | None, before: Place | None, clinician: int | None) -> Found:
    """Invoices whose day has passed, and which the client still owes something of."""
    today = clock.today((await practices.practice(viewer)).time_zone)
    return await _found(viewer, OVERDUE, (viewer.reaches(Invoice).querystring, today), after, before, clinician)


async def _found(
    viewer: Viewer, sql: str, args: tuple[Any, ...], after: Place | None, before: Place | None, clinician: int | None
) -> Found:
    viewer.must(Permission.LEDGER_READ)
    is_backwards = after is None and before is not None
    beyond, way = ("<", "DESC") if is_backwards else (">", "ASC")
    at, id = after or before or (None, None)
    rows = await fetch(
        f"WITH every AS ({sql.format(*['{}'] * len(args), OF_CLINICIAN)})"
        " SELECT every.*, (SELECT count(*) FROM every) AS total FROM every"
        f" WHERE {{}}::timestamptz IS NULL OR (at, id) {beyond} ({{}}, {{}})"
        f" ORDER BY at {way}, id {way} LIMIT {PAGE + 1}",
        *args,
        clinician,
        clinician,
        at,
        at,
        id,
    )
    found = [_waiting(row) for row in rows]
    page, has_before, has_after = turned(found, PAGE, is_begun=after is not None, is_backwards=is_backwards)
    total = int(rows[0]["total"]) if rows else 0
    return Found(
        page, total, page[0].place if page and has_before else None, page[-1].place if page and has_after else None
    )


def _waiting(row: dict[str, Any]) -> Waiting:
    told = {name: row[name] for name in Waiting.__dataclass_fields__ if name != "name"}
    return Waiting(name=full_name(row), **told)
