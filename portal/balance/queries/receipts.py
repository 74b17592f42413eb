"""Every payment and refund of a client, and the receipt of one."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from piccolo.querystring import QueryString

from portal.access import Area, NotFoundException, Viewer
from portal.balance.queries.visits import SPOKEN
from portal.billing import disputes
from portal.billing.disputes import Disputed
from portal.billing.tables import Method
from portal.database import fetch
from portal.invoices.queries.receipt import Back, refunds_of
from portal.keyset import turned
from portal.review.reach import every

PAGE, AT_ONCE = 25, 500
KINDS = {
    "yours": "p.payer = '' AND NOT p.is_refund",
    "refunds": "p.is_refund",
    "insurance": "p.payer <> ''",
}
FIELDS = """
p.id, p.number, p.received_on, p.made_at, p.is_refund, p.payer, p.method, p.amount, p.reference, p.reversed_at,
p.refunds, (SELECT coalesce(sum(r.amount), 0)::bigint FROM payment AS r
             WHERE r.refunds = p.id AND r.reversed_at IS NULL) AS given_back
"""
LISTED = f"""
SELECT c.total, p.* FROM (SELECT count(*) AS total FROM payment AS p WHERE {{{{}}}}) AS c
  LEFT JOIN (SELECT {FIELDS} FROM payment AS p WHERE {{{{}}}}
              ORDER BY p.received_on {{way}}, p.id {{way}} LIMIT {{many}}) AS p ON true
 ORDER BY p.received_on {{way}}, p.id {{way}}
"""
EDGE = """
coalesce((p.received_on, p.id) {beyond} (SELECT o.received_on, o.id FROM payment AS o
                                          WHERE o.id = {{}} AND o.client = p.client), true)
"""
# What was left for the client to pay when it had been posted, as the paper said then.
ONE = f"""
SELECT {FIELDS}, i.id AS posting, o.number AS of_number,
       (SELECT sum(e.amount)::bigint FROM entry AS e WHERE e.client = p.client AND e.share = 'client'
           AND e.id <= (SELECT max(id) FROM entry WHERE posting = i.id)) AS left_then
  FROM payment AS p JOIN posting AS i ON i.payment = p.id AND i.reverses IS NULL
  LEFT JOIN payment AS o ON o.id = p.refunds
 WHERE p.client = {{}} AND p.id = {{}} AND p.number IS NOT NULL
"""
PARTS = """
SELECT v.id AS visit_id, v.voided_at IS NOT NULL AS is_voided, v.starts_at, coalesce(v.time_zone, '') AS time_zone,
       coalesce({words}, '') AS service, abs(sum(e.amount))::bigint AS amount
  FROM entry AS e LEFT JOIN service_line AS l ON l.id = e.line LEFT JOIN encounter AS v ON v.id = l.encounter
 WHERE e.posting = {{}} GROUP BY v.id, l.id ORDER BY v.starts_at NULLS LAST, l.id
"""


@dataclass(frozen=True)
class Filters:
    first_day: date | None = None
    last_day: date | None = None
    kind: str = ""
    method: str = ""

    @property
    def is_narrow(self) -> bool:
        return self != Filters()


@dataclass(frozen=True)
class Paid:
    """Cents above zero. `number` is the receipt's, which what an insurer pays has not; `given_back` is how much of it
    was refunded, `refunds` of which payment it is the refund.
    """

    id: int
    number: int | None
    received_on: date
    made_at: datetime
    is_refund: bool
    payer: str
    method: str
    amount: int
    reference: str
    reversed_at: datetime | None
    refunds: int | None
    given_back: int

    @property
    def signed(self) -> int:
        return -self.amount if self.is_refund else self.amount


@dataclass(frozen=True)
class Page:
    payments: list[Paid]
    total: int
    newer: int | None = None
    older: int | None = None


@dataclass(frozen=True)
class Part:
    """A service that it paid for; without a visit what was kept as credit."""

    visit_id: int | None
    is_voided: bool
    starts_at: datetime | None
    time_zone: str
    service: str
    amount: int


@dataclass(frozen=True)
class Receipt:
    """`left_then` is what the client had to pay after it, below zero what was paid ahead; `of_number` is the receipt
    of the payment that a refund gives back.
    """

    paid: Paid
    parts: list[Part]
    left_then: int
    of_number: int | None
    refunds: list[Back]
    disputes: list[Disputed]


async def receipts(
    viewer: Viewer, client_id: int, filters: Filters, *, after: int | None = None, before: int | None = None
) -> Page:
    viewer.must_act_for(client_id, Area.BILLING)
    is_backwards, edge = before is not None, after if before is None else before
    rows, total = await _rows(client_id, filters, edge, is_backwards=is_backwards, many=PAGE + 1)
    if not rows and total and edge:
        return await receipts(viewer, client_id, filters)
    page, has_newer, has_older = turned(rows, PAGE, is_begun=after is not None, is_backwards=is_backwards)
    return Page(page, total, page[0].id if has_newer else None, page[-1].id if has_older else None)


async def whole(viewer: Viewer, client_id: int, filters: Filters) -> AsyncIterator[list[Paid]]:
    viewer.must_act_for(client_id, Area.BILLING)
    edge = None
    while True:
        rows, _ = await _rows(client_id, filters, edge, is_backwards=False, many=AT_ONCE)
        if rows:
            yield rows
        if len(rows) < AT_ONCE:
            return
        edge = rows[-1].id


async def receipt(viewer: Viewer, client_id: int, payment_id: int, spoken: str) -> Receipt:
    """Not found for what an insurer paid: nobody gets a receipt for that."""
    viewer.must_act_for(client_id, Area.BILLING)
    rows = await fetch(ONE, client_id, payment_id)
    if not rows:
        raise NotFoundException
    paid, parts = _paid(rows[0]), await fetch(PARTS.format(words=SPOKEN[spoken]), rows[0]["posting"])
    return Receipt(
        paid, [Part(**row) for row in parts], rows[0]["left_then"], rows[0]["of_number"],
        await refunds_of(viewer, payment_id) if paid.given_back else [],
        await disputes.of_payment(viewer, payment_id) if paid.method == Method.CARD else [],
    )  # fmt: skip


async def _rows(
    client_id: int, filters: Filters, edge: int | None, *, is_backwards: bool, many: int
) -> tuple[list[Paid], int]:
    way, beyond = ("ASC", ">") if is_backwards else ("DESC", "<")
    narrow = [QueryString("p.client = {}", client_id), QueryString(KINDS.get(filters.kind, "TRUE"))]
    if filters.first_day:
        narrow.append(QueryString("p.received_on >= {}", filters.first_day))
    if filters.last_day:
        narrow.append(QueryString("p.received_on <= {}", filters.last_day))
    if filters.method in list(Method):
        narrow.append(QueryString("p.method = {}", filters.method))
    past = [QueryString(EDGE.format(beyond=beyond), edge)] if edge else []
    rows = await fetch(LISTED.format(way=way, many=many), every(*narrow), every(*narrow, *past))
    return [_paid(row) for row in rows if row["id"]], rows[0]["total"]


def _paid(row: dict[str, Any]) -> Paid:
    return Paid(**{name: row[name] for name in Paid.__dataclass_fields__})
