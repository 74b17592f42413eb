"""What was charged and what was paid in each of the last twelve months."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal import clock
from portal.access import Area, Viewer
from portal.appointments.hours import midnight
from portal.database import Prepared
from portal.practice import queries as practices

MANY = 12
MONTHS = Prepared(
    """
    SELECT month, sum(charged)::bigint AS charged, sum(paid)::bigint AS paid FROM (
      SELECT date_trunc('month', e.starts_at AT TIME ZONE e.time_zone)::date AS month, l.charged, 0 AS paid
        FROM encounter AS e JOIN service_line AS l ON l.encounter = e.id
       WHERE e.client = $1 AND e.starts_at >= $2 AND e.voided_at IS NULL
      UNION ALL
      SELECT date_trunc('month', received_on)::date, 0, CASE WHEN is_refund THEN -amount ELSE amount END
        FROM payment WHERE client = $1 AND received_on >= $3 AND reversed_at IS NULL) AS told
     GROUP BY month
    """,
    "client",
    "since",
    "first",
)


@dataclass(frozen=True)
class Month:
    """Cents; refunds are taken off what was paid, so that it can be below zero."""

    first: date
    charged: int = 0
    paid: int = 0


async def months(viewer: Viewer, client_id: int) -> list[Month]:
    """The oldest first; what was voided or reversed does not count."""
    viewer.must_act_for(client_id, Area.BILLING)
    zone = (await practices.practice(viewer)).time_zone
    firsts = [clock.today(zone).replace(day=1)]
    while len(firsts) < MANY:
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    first = firsts[-1]
    rows = await MONTHS(client=client_id, since=midnight(zone, first - timedelta(days=1)), first=first)
    found = {row["month"]: Month(row["month"], row["charged"], row["paid"]) for row in rows}
    return [found.get(one, Month(one)) for one in reversed(firsts)]
