"""Payments = charges = ledger, in count and in sum: by SQL here, by the stand-in's own counters there."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import httpx

from portal import clock
from portal.access import Viewer
from portal.billing.queries import checking
from portal.database import fetch
from portal.payments.actions import reconciling
from tests.factories import TEST
from tests.simulated import Simulator

HERE = """
SELECT count(*) FILTER (WHERE NOT is_refund) AS payments,
       coalesce(sum(amount) FILTER (WHERE NOT is_refund), 0)::bigint AS paid,
       count(*) FILTER (WHERE is_refund) AS refunds,
       coalesce(sum(amount) FILTER (WHERE is_refund), 0)::bigint AS refunded
  FROM payment WHERE method = 'card' AND reversed_at IS NULL
"""
LEDGER = """
SELECT -coalesce(sum(e.amount) FILTER (WHERE e.kind = 'client_payment'), 0)::bigint AS paid,
       coalesce(sum(e.amount) FILTER (WHERE e.kind = 'refund'), 0)::bigint AS refunded
  FROM entry AS e JOIN posting AS p ON p.id = e.posting JOIN payment AS m ON m.id = p.payment WHERE m.method = 'card'
"""
ATTEMPTS = """
SELECT count(*) AS payments, coalesce(sum(amount), 0)::bigint AS paid FROM payment_attempt
 WHERE state::text = 'succeeded'
"""


@dataclass(frozen=True)
class Agreed:
    payments: int
    paid: int
    refunds: int
    refunded: int


async def agreed(stripe: Simulator) -> Agreed:
    """Insists on it, and says how much it was."""
    here, ledger, attempts = [(await fetch(sql))[0] for sql in (HERE, LEDGER, ATTEMPTS)]
    there = stripe.counters()
    told = {"payments": there["charges"], "paid": there["charged"]}
    assert {name: here[name] for name in told} == told == attempts
    assert (here["refunds"], here["refunded"]) == (there["refunds"], there["refunded"])
    assert (ledger["paid"], ledger["refunded"]) == (here["paid"], here["refunded"])
    good = [one for one in listed(stripe, "charges") if one["status"] == "succeeded"]
    charged = Counter(one["metadata"].get("attempt") for one in good)
    assert set(charged.values()) <= {1}, "no attempt charges twice"
    assert (await checking.check(TEST)).faults == []
    _, found = await reconciling.reconcile(Viewer.portal("nightly check"), clock.now() - timedelta(days=1))
    assert found == []
    return Agreed(**here)


def listed(stripe: Simulator, path: str) -> list[dict]:
    found, after = [], {}
    while True:
        key = {"Authorization": f"Bearer {stripe.secret_key}"}
        page = httpx.get(f"{stripe.url}/v1/{path}", headers=key, params={"limit": "100", **after}).json()
        found += page["data"]
        if not page["has_more"]:
            return found
        after = {"starting_after": page["data"][-1]["id"]}
