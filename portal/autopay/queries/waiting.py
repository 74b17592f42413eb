"""What of paying by card waits for the client: cards that expire, and charges that did not go through."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal import clock
from portal.access import Area, Viewer
from portal.database import Prepared
from portal.payments.queries.cards import Kept
from portal.payments.settings import keeps_cards
from portal.practice import queries as practices

WAITING = Prepared(
    """
    SELECT c.id, c.brand, c.last4, c.exp_year, c.exp_month, c.is_default,
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
      LEFT JOIN payment_card AS c ON c.client = $1 AND c.removed_at IS NULL
      LEFT JOIN ledger_account AS a ON a.client = $1
     ORDER BY c.is_default DESC, c.id
    """,
    "client",
)

CARD = ("id", "brand", "last4", "exp_year", "exp_month", "is_default")


@dataclass(frozen=True)
class Waiting:
    """`expiring` are the cards on file that are good to the end of this month or the next, or no more."""

    expiring: Sequence[Kept] = ()
    has_failed: bool = False
    is_held: bool = False


async def waiting(viewer: Viewer, client_id: int) -> Waiting:
    """Nothing where the practice keeps no cards."""
    viewer.must_act_for(client_id, Area.BILLING)
    if not await keeps_cards(viewer):
        return Waiting()
    rows = await WAITING(client=client_id)
    today = clock.today((await practices.practice(viewer)).time_zone)
    cards = [Kept(**{name: row[name] for name in CARD}, today=today) for row in rows if row["id"] is not None]
    expiring = [one for one in cards if one.is_to_be_done]
    return Waiting(expiring, bool(rows[0]["has_failed"]), bool(rows[0]["is_held"]))
