"""What of money waits for somebody: the lists of the billing page."""

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
from portal.practice import queries as practices

MOST = 8
NAMES = "c.id AS client_id, c.given_name, c.family_name, c.suffix"
TO_INVOICE = f"""
SELECT {NAMES}, count(*) AS many, sum(service_line.charged)::bigint AS cents, min(e.starts_at) AS since,
       count(*) OVER () AS total
  FROM service_line JOIN encounter AS e ON e.id = service_line.encounter JOIN client AS c ON c.id = service_line.client
 WHERE {{}} AND e.voided_at IS NULL AND service_line.charged > 0
   AND NOT EXISTS (SELECT FROM invoice_line AS n WHERE n.line = service_line.id AND n.is_live)
 GROUP BY c.id ORDER BY since, c.id LIMIT {MOST}
"""
CREDIT = f"""
SELECT {NAMES}, 0 AS many, ledger_account.credit AS cents, NULL::timestamptz AS since, count(*) OVER () AS total
  FROM ledger_account JOIN client AS c ON c.id = ledger_account.client
 WHERE {{}} AND ledger_account.credit > 0 AND ledger_account.client_due > 0
 ORDER BY ledger_account.credit DESC, c.id LIMIT {MOST}
"""
WAITING = f"""
SELECT {NAMES}, count(*) AS many, sum(service_line.insurance_due)::bigint AS cents, min(e.starts_at) AS since,
       count(*) OVER () AS total
  FROM ledger_account JOIN client AS c ON c.id = ledger_account.client
  JOIN service_line ON service_line.client = c.id AND service_line.insurance_due > 0
  JOIN encounter AS e ON e.id = service_line.encounter
 WHERE {{}} AND ledger_account.insurance_due > 0
 GROUP BY c.id ORDER BY since, c.id LIMIT {MOST}
"""
OVERDUE = f"""
SELECT {NAMES}, invoice.id AS invoice_id, invoice.number, invoice.due_on, s.cents, count(*) OVER () AS total
  FROM invoice JOIN client AS c ON c.id = invoice.client,
       LATERAL (SELECT sum(l.client_due)::bigint AS cents FROM invoice_line AS n JOIN service_line AS l ON l.id = n.line
                 WHERE n.invoice = invoice.id) AS s
 WHERE {{}} AND invoice.voided_at IS NULL AND invoice.due_on < {{}} AND s.cents > 0
 ORDER BY invoice.due_on, invoice.id LIMIT {MOST}
"""


@dataclass(frozen=True)
class Waiting:
    """A client with so `many` services for so many cents, the oldest of them `since` then."""

    client_id: int
    name: str
    cents: int
    many: int = 0
    since: datetime | None = None


@dataclass(frozen=True)
class Overdue:
    client_id: int
    name: str
    cents: int
    invoice_id: int
    number: int
    due_on: date


@dataclass(frozen=True)
class Section:
    """The first of them, and how many there are in all."""

    rows: Sequence[Any]
    total: int


@dataclass(frozen=True)
class Work:
    to_invoice: Section
    credit: Section
    waiting: Section
    overdue: Section

    @property
    def clients(self) -> list[int]:
        """Whose names stand in it, for the audit."""
        every = (self.to_invoice, self.credit, self.waiting, self.overdue)
        return sorted({one.client_id for section in every for one in section.rows})


async def work(viewer: Viewer) -> Work:
    """Of the clients in the viewer's reach."""
    viewer.must(Permission.LEDGER_READ)
    today = clock.today((await practices.practice(viewer)).time_zone)
    return Work(
        _section(Waiting, await fetch(TO_INVOICE, viewer.reaches(ServiceLine).querystring)),
        _section(Waiting, await fetch(CREDIT, viewer.reaches(LedgerAccount).querystring)),
        _section(Waiting, await fetch(WAITING, viewer.reaches(LedgerAccount).querystring)),
        _section(Overdue, await fetch(OVERDUE, viewer.reaches(Invoice).querystring, today)),
    )


def _section(kind: type[Any], rows: list[dict[str, Any]]) -> Section:
    total = int(rows[0]["total"]) if rows else 0
    return Section([kind(name=full_name(row), **_told(row)) for row in rows], total)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    left_out = {"given_name", "family_name", "suffix", "total"}
    return {name: value for name, value in row.items() if name not in left_out}
