"""One payment: where it went, and what of it came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.access import NotFoundException, Permission, Viewer
from portal.billing.tables import Method, Payment
from portal.billing.words import METHODS
from portal.database import fetch
from portal.language import in_language
from portal.practice.queries import name_of

COLUMNS = f"""
payment.id, payment.client AS client_id, payment.number, payment.is_refund, payment.refunds, payment.payer,
payment.method, payment.amount, payment.reference, payment.received_on, payment.note, payment.made_at,
payment.reversed_at, payment.reversal_reason, {name_of("m")} AS by, {name_of("v")} AS reversed_by,
(SELECT coalesce(sum(r.amount), 0)::bigint FROM payment AS r WHERE r.refunds = payment.id AND r.reversed_at IS NULL)
  AS refunded
"""
FROM = """
FROM payment LEFT JOIN staff_member AS m ON m.id = payment.taken_by
  LEFT JOIN staff_member AS v ON v.id = payment.reversed_by
"""
# What is left of a line of an insurer's decision stands beside what was paid for it.
PARTS = """
SELECT e.line, l.encounter, v.starts_at, v.time_zone, l.code, l.words, l.words_es, i.id AS invoice_id,
       i.number AS invoice,
       abs(coalesce(sum(e.amount) FILTER (WHERE e.kind IN ('client_payment', 'insurer_payment', 'refund')), 0))::bigint
         AS cents,
       -coalesce(sum(e.amount) FILTER (WHERE e.kind = 'adjustment'), 0)::bigint AS adjusted,
       coalesce(sum(e.amount) FILTER (WHERE e.kind = 'transfer' AND e.share = 'client'), 0)::bigint AS left_to_client
  FROM posting AS p JOIN entry AS e ON e.posting = p.id
  LEFT JOIN service_line AS l ON l.id = e.line LEFT JOIN encounter AS v ON v.id = l.encounter
  LEFT JOIN invoice_line AS n ON n.line = l.id AND n.is_live LEFT JOIN invoice AS i ON i.id = n.invoice
 WHERE p.payment = {} AND p.reverses IS NULL
 GROUP BY e.line, l.encounter, v.starts_at, v.time_zone, l.code, l.words, l.words_es, i.id, i.number
 ORDER BY v.starts_at NULLS LAST, e.line
"""


@dataclass(frozen=True)
class Paid:
    """Money that came or went back. `refunded` is what of it went back since, in cents; `note` is for staff."""

    id: int
    client_id: int
    number: int | None
    is_refund: bool
    refunds: int | None
    payer: str
    method: str
    amount: int
    reference: str
    received_on: date
    note: str
    made_at: datetime
    reversed_at: datetime | None
    reversal_reason: str
    by: str
    reversed_by: str
    refunded: int

    @property
    def how(self) -> object:
        return METHODS[self.method]

    @property
    def is_from_insurer(self) -> bool:
        return bool(self.payer)

    @property
    def is_by_card(self) -> bool:
        """In the portal, where Stripe has the money; not at the practice's own terminal."""
        return self.method == Method.CARD

    @property
    def may_be_refunded(self) -> bool:
        return not (self.is_from_insurer or self.is_refund or self.reversed_at)


@dataclass(frozen=True)
class Portion:
    """What one service got of a payment, in cents. Without a line it became credit."""

    line: int | None
    encounter: int | None
    starts_at: datetime | None
    time_zone: str | None
    code: str | None
    words: str | None
    words_es: str | None
    invoice_id: int | None
    invoice: int | None
    cents: int
    adjusted: int
    left_to_client: int

    @property
    def said(self) -> str:
        return in_language(self.words or "", self.words_es or "")


@dataclass(frozen=True)
class Receipt:
    """`back` are the refunds of it, and `first` is the payment that a refund gave back."""

    paid: Paid
    parts: Sequence[Portion]
    back: Sequence[Paid]
    first: Paid | None


async def payment(viewer: Viewer, payment_id: int) -> Paid:
    viewer.must(Permission.LEDGER_READ)
    found = await _payments(viewer, "payment.id = {}", payment_id)
    if not found:
        raise NotFoundException
    return found[0]


async def receipt(viewer: Viewer, payment_id: int) -> Receipt:
    viewer.must(Permission.LEDGER_READ)
    found = await _payments(
        viewer,
        "(payment.id = {} OR payment.refunds = {} OR payment.id = (SELECT refunds FROM payment WHERE id = {}))",
        payment_id,
        payment_id,
        payment_id,
    )
    here = next((one for one in found if one.id == payment_id), None)
    if here is None:
        raise NotFoundException
    parts = [Portion(**row) for row in await fetch(PARTS, payment_id)]
    back = [one for one in found if one.refunds == payment_id]
    first = next((one for one in found if one.id == here.refunds), None)
    return Receipt(here, parts, back, first)


async def _payments(viewer: Viewer, which: str, *args: object) -> list[Paid]:
    sql = f"SELECT {COLUMNS} {FROM} WHERE {{}} AND {which} ORDER BY payment.id"
    return [Paid(**row) for row in await fetch(sql, viewer.reaches(Payment).querystring, *args)]
