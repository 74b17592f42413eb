"""What a payment has given, and what of it is still there to go back."""

from portal.access import Viewer
from portal.database import fetch

CREDIT = 0
# What a payment gave to each line, or to the credit (0), less what went back. What a voided visit got became credit.
GIVEN = """
SELECT CASE WHEN v.voided_at IS NULL THEN coalesce(e.line, 0) ELSE 0 END AS line, -sum(e.amount)::bigint AS cents
  FROM entry AS e JOIN posting AS p ON p.id = e.posting JOIN payment AS m ON m.id = p.payment
  LEFT JOIN service_line AS l ON l.id = e.line LEFT JOIN encounter AS v ON v.id = l.encounter
 WHERE coalesce(m.refunds, m.id) = {} AND e.kind IN ('client_payment', 'refund') GROUP BY 1 HAVING sum(e.amount) < 0
"""


async def left(viewer: Viewer, payment_id: int, client_id: int) -> dict[int, int]:
    """Line → cents; 0 for credit, of which only what is still there. Whoever asks has reached the payment."""
    found = {int(one["line"]): int(one["cents"]) for one in await fetch(GIVEN, payment_id)}
    if CREDIT in found:
        account = await fetch("SELECT credit FROM ledger_account WHERE client = {}", client_id)
        found[CREDIT] = min(found[CREDIT], account[0]["credit"])
    return {line: cents for line, cents in found.items() if cents > 0}
