"""What of paying by card waits for the client: a card that expires, and charges that did not go through."""

from dataclasses import dataclass
from datetime import date

from portal import clock
from portal.access import Area, Viewer
from portal.database import Prepared
from portal.payments.queries.cards import is_expired
from portal.payments.settings import keeps_cards
from portal.practice import queries as practices

WAITING = Prepared(
    """
    SELECT c.id AS card, c.exp_year, c.exp_month,
           a.client_due > a.credit AND EXISTS (
             SELECT FROM payment_attempt AS t
              WHERE t.client = $1 AND t.state IN ('declined', 'failed')
                AND (t.source IN ('staff', 'autopay')
                     OR t.source = 'client' AND t.ended_at > t.submitted_at + interval '2 minutes')
                AND NOT EXISTS (SELECT FROM payment_attempt AS o
                                 WHERE o.client = $1 AND o.state = 'succeeded' AND o.id > t.id)) AS has_failed,
           EXISTS (SELECT FROM autopay_due AS d JOIN autopay AS p ON p.id = d.autopay AND p.ended_at IS NULL
                    WHERE d.client = $1 AND d.state IN ('above', 'no_card')
                      AND EXISTS (SELECT FROM invoice_line AS n JOIN service_line AS l ON l.id = n.line
                                   WHERE n.invoice = d.invoice AND n.is_live AND l.client_due > 0)) AS is_held
      FROM (SELECT 1) AS one
      LEFT JOIN payment_card AS c ON c.client = $1 AND c.is_default
      LEFT JOIN ledger_account AS a ON a.client = $1
    """,
    "client",
)


@dataclass(frozen=True)
class Waiting:
    """`expires` is the month on the default card, where it is this one, the next, or has passed."""

    card: int | None = None
    expires: date | None = None
    is_expired: bool = False
    has_failed: bool = False
    is_held: bool = False


async def waiting(viewer: Viewer, client_id: int) -> Waiting:
    """Nothing where the practice keeps no cards."""
    viewer.must_act_for(client_id, Area.BILLING)
    if not await keeps_cards(viewer):
        return Waiting()
    (row,) = await WAITING(client=client_id)
    today, expires = clock.today((await practices.practice(viewer)).time_zone), None
    if row["card"] is not None and _months(row["exp_year"], row["exp_month"], today) <= 1:
        expires = date(row["exp_year"], row["exp_month"], 1)
    return Waiting(
        row["card"], expires, bool(expires) and is_expired(row["exp_year"], row["exp_month"], today),
        bool(row["has_failed"]), bool(row["is_held"]),
    )  # fmt: skip


def _months(year: int, month: int, today: date) -> int:
    return (year - today.year) * 12 + month - today.month
