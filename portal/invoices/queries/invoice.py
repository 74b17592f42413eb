"""An invoice as it stands on paper: what was asked for, what came for it, and what is still to come from whom."""

from dataclasses import dataclass, field
from datetime import date, datetime

from portal.access import Area, NotFoundException, Viewer
from portal.billing.settings import DIAGNOSES, PART2, is_on
from portal.database import fetch
from portal.invoices.queries import people
from portal.invoices.queries.people import Money, Person
from portal.invoices.tables import Invoice
from portal.language import current, written_date

HEAD = """
SELECT i.id, i.number, i.client, i.issued_on, i.due_on, i.total, i.voided_at, i.void_reason,
       (SELECT o.number FROM invoice AS o WHERE o.id = i.replaces) AS replaces,
       (SELECT n.number FROM invoice AS n WHERE n.replaces = i.id ORDER BY n.id LIMIT 1) AS replaced_by
  FROM invoice AS i WHERE i.id = {}
"""
LINES = """
SELECT l.id, l.code, CASE WHEN {} = 'es' AND l.words_es <> '' THEN l.words_es ELSE l.words END AS words, l.units, l.fee,
       n.amount, l.paid_by_insurer, l.paid_by_client, l.adjusted, l.insurance_due, l.client_due, e.starts_at,
       e.time_zone, e.is_part2,
       ARRAY(SELECT d.code FROM diagnosis AS d WHERE d.encounter = e.id AND d.place = ANY(l.pointers) ORDER BY d.place)
         AS diagnoses
  FROM invoice_line AS n JOIN service_line AS l ON l.id = n.line JOIN encounter AS e ON e.id = l.encounter
 WHERE n.invoice = {} ORDER BY n.place
"""


@dataclass(frozen=True)
class Line:
    """Cents. `amount` is what it cost when it was invoiced."""

    id: int
    code: str
    words: str
    units: int
    fee: int
    amount: int
    paid_by_insurer: int
    paid_by_client: int
    adjusted: int
    insurance_due: int
    client_due: int
    starts_at: datetime
    time_zone: str
    is_part2: bool
    diagnoses: list[str]

    @property
    def day(self) -> str:
        return written_date(self.starts_at, self.time_zone, "medium")


@dataclass(frozen=True)
class InvoicePaper:
    id: int
    number: int
    client: Person
    issued_on: date
    due_on: date
    total: int
    voided_at: datetime | None
    void_reason: str
    replaces: int | None
    replaced_by: int | None
    lines: list[Line]
    payments: list[Money] = field(default_factory=list)
    has_diagnoses: bool = False
    has_notice: bool = False

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None

    def sum(self, name: str) -> int:
        return sum(getattr(line, name) for line in self.lines)

    @property
    def paid(self) -> int:
        return self.sum("paid_by_insurer") + self.sum("paid_by_client")


async def client_of(viewer: Viewer, invoice_id: int, client_id: int | None = None) -> int:
    """Whose it is. Named, the client is who acts in their area; else staff reach it. Not found for anybody else."""
    if client_id is not None:
        viewer.must_act_for(client_id, Area.BILLING)
    reached = viewer.reaches(Invoice) if client_id is None else Invoice.client == client_id
    row = await Invoice.select(Invoice.client).where(reached, Invoice.id == invoice_id).first()
    if row is None:
        raise NotFoundException
    return int(row["client"])


async def invoice(viewer: Viewer, invoice_id: int) -> InvoicePaper:
    """Whoever asks has reached it. What a void one asked for was never paid."""
    rows = await fetch(HEAD, invoice_id)
    if not rows:
        raise NotFoundException
    head = dict(rows[0])
    lines = [Line(**row) for row in await fetch(LINES, current(), invoice_id)]
    has_notice = any(line.is_part2 for line in lines) or await is_on(viewer, PART2)
    return InvoicePaper(
        **{**head, "client": await people.person(viewer, head["client"])},
        lines=lines,
        payments=[] if head["voided_at"] else await people.payments(viewer, [line.id for line in lines]),
        has_diagnoses=await is_on(viewer, DIAGNOSES),
        has_notice=has_notice,
    )
