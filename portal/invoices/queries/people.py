"""Whose name and address stand on a paper: the client's, and of whom the paper says what was paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.access import Viewer
from portal.database import fetch
from portal.language import written_date

CLIENT = """
SELECT c.id, concat_ws(' ', nullif(c.given_name, ''), nullif(c.middle_name, ''), nullif(c.family_name, ''),
                       nullif(c.suffix, '')) AS name,
       c.chart_number, c.birth_date, c.sex, coalesce(p.number, '') AS phone, coalesce(a.street, '') AS street,
       coalesce(a.street_2, '') AS street_2, coalesce(a.city, '') AS city, coalesce(a.state, '') AS state,
       coalesce(a.postal_code, '') AS postal_code
  FROM client AS c
  LEFT JOIN LATERAL (SELECT * FROM client_address WHERE client = c.id ORDER BY (kind = 'home') DESC, id LIMIT 1) AS a
    ON true
  LEFT JOIN LATERAL (SELECT number FROM client_phone WHERE client = c.id ORDER BY (kind = 'mobile') DESC, id LIMIT 1)
    AS p ON true
 WHERE c.id = {}
"""
# A posting and what takes it back are nothing together. Who paid with credit paid before: it says no receipt.
PAYMENTS = """
SELECT min(p.counts_on) AS day, coalesce(min(m.payer), '') AS payer, coalesce(min(m.method), '') AS method,
       min(m.number) AS number, coalesce(bool_or(m.is_refund), false) AS is_refund, -sum(e.amount)::bigint AS cents
  FROM entry AS e JOIN posting AS p ON p.id = e.posting LEFT JOIN payment AS m ON m.id = p.payment
 WHERE e.line = ANY({}::bigint[]) AND e.kind IN ('insurer_payment', 'client_payment', 'refund', 'transfer')
 GROUP BY coalesce(p.reverses, p.id) HAVING sum(e.amount) <> 0
 ORDER BY 1, coalesce(p.reverses, p.id)
"""


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    chart_number: str
    birth_date: date | None
    sex: str
    phone: str
    street: str
    street_2: str
    city: str
    state: str
    postal_code: str

    @property
    def has_address(self) -> bool:
        return bool(self.street and self.city)


@dataclass(frozen=True)
class Money:
    """What came for some services, in cents, below zero where it went back. `payer` is an insurer; without a method it
    was credit.
    """

    day: date
    payer: str
    method: str
    number: int | None
    is_refund: bool
    cents: int

    @property
    def on(self) -> str:
        return written_date(self.day, style="medium")


async def person(viewer: Viewer, client_id: int) -> Person:
    """Whoever asks has reached what names the client."""
    (row,) = await fetch(CLIENT, client_id)
    return Person(**row)


async def payments(viewer: Viewer, lines: Sequence[int]) -> list[Money]:
    """Those that still count, the oldest first: together what the lines say was paid."""
    return [Money(**row) for row in await fetch(PAYMENTS, list(lines))]
