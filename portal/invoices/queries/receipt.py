"""What a client paid or was given back: what it was for, what was left to pay then, and whether it still counts."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.access import Area, NotFoundException, Viewer
from portal.billing.tables import Payment
from portal.database import fetch
from portal.invoices.queries import people
from portal.invoices.queries.people import Person
from portal.language import current

HEAD = """
SELECT m.id, m.number, m.client, m.is_refund, m.method, m.reference, m.amount, m.received_on, m.made_at, m.reversed_at,
       o.number AS of_number, p.id AS posting,
       (SELECT coalesce(sum(e.amount), 0)::bigint FROM entry AS e WHERE e.client = m.client AND e.share = 'client'
           AND e.id <= (SELECT max(id) FROM entry WHERE posting = p.id)) AS left_then
  FROM payment AS m JOIN posting AS p ON p.payment = m.id AND p.reverses IS NULL
  LEFT JOIN payment AS o ON o.id = m.refunds
 WHERE m.id = {} AND m.number IS NOT NULL
"""
PARTS = """
SELECT v.starts_at, coalesce(v.time_zone, '') AS time_zone, i.number AS invoice,
       coalesce(CASE WHEN {} = 'es' AND l.words_es <> '' THEN l.words_es ELSE l.words END, '') AS words,
       abs(sum(e.amount))::bigint AS cents
  FROM entry AS e LEFT JOIN service_line AS l ON l.id = e.line LEFT JOIN encounter AS v ON v.id = l.encounter
  LEFT JOIN LATERAL (SELECT i.number FROM invoice_line AS n JOIN invoice AS i ON i.id = n.invoice
                      WHERE n.line = l.id AND i.made_at <= {} ORDER BY i.id DESC LIMIT 1) AS i ON true
 WHERE e.posting = {} GROUP BY v.id, l.id, i.number ORDER BY v.starts_at NULLS LAST, l.id
"""
BACK = "SELECT number, received_on, amount FROM payment WHERE refunds = {} AND reversed_at IS NULL ORDER BY id"


@dataclass(frozen=True)
class Part:
    """A service that it paid for; without one it was kept as credit."""

    starts_at: datetime | None
    time_zone: str
    invoice: int | None
    words: str
    cents: int


@dataclass(frozen=True)
class Back:
    number: int
    received_on: date
    amount: int


@dataclass(frozen=True)
class Receipt:
    """`left_then` is what the client had to pay after it, below zero what was paid ahead."""

    id: int
    number: int
    client: Person
    is_refund: bool
    method: str
    reference: str
    amount: int
    received_on: date
    made_at: datetime
    reversed_at: datetime | None
    of_number: int | None
    left_then: int
    parts: list[Part]
    refunds: list[Back]


async def client_of(viewer: Viewer, payment_id: int, client_id: int | None = None) -> int:
    """Whose it is, as of an invoice. What an insurer paid has no receipt."""
    if client_id is not None:
        viewer.must_act_for(client_id, Area.BILLING)
    reached = viewer.reaches(Payment) if client_id is None else Payment.client == client_id
    row = await (
        Payment.select(Payment.client)
        .where(reached, Payment.id == payment_id, Payment.number.is_not_null())
        .first()
    )  # fmt: skip
    if row is None:
        raise NotFoundException
    return int(row["client"])


async def receipt(viewer: Viewer, payment_id: int) -> Receipt:
    """Whoever asks has reached it."""
    rows = await fetch(HEAD, payment_id)
    if not rows:
        raise NotFoundException
    head = dict(rows[0])
    posting = head.pop("posting")
    return Receipt(
        **{**head, "client": await people.person(viewer, head["client"])},
        parts=[Part(**row) for row in await fetch(PARTS, current(), head["made_at"], posting)],
        refunds=await refunds_of(viewer, payment_id),
    )


async def refunds_of(viewer: Viewer, payment_id: int) -> list[Back]:
    """What was given back of it, the oldest first. Whoever asks has reached it."""
    return [Back(**row) for row in await fetch(BACK, payment_id)]
