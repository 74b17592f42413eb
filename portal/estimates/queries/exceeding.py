"""Bills that are far above what was estimated for the same provider and the same scope."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.access import NotFoundException, Permission, Viewer
from portal.clients.tables import Client
from portal.database import fetch
from portal.estimates import rules

# A service belongs to the newest estimate that stood on its day: of its visit, or of its clinician and its day.
BILLED = """
WITH standing AS (
  SELECT e.id, e.appointment, e.first_day, e.last_day, p.clinician, p.name, p.total
    FROM estimate AS e JOIN estimate_provider AS p ON p.estimate = e.id
   WHERE e.client = {} AND NOT EXISTS (SELECT FROM estimate AS n WHERE n.replaces = e.id)
), billed AS (
  SELECT l.id, l.charged, n.clinician, fitting.id AS estimate
    FROM service_line AS l JOIN encounter AS n ON n.id = l.encounter AND n.voided_at IS NULL
    JOIN LATERAL (
      SELECT s.id FROM standing AS s
       WHERE s.clinician = n.clinician AND (s.appointment = n.appointment
             OR (n.starts_at AT TIME ZONE n.time_zone)::date BETWEEN s.first_day AND s.last_day)
       ORDER BY s.appointment = n.appointment DESC NULLS LAST, s.id DESC LIMIT 1) AS fitting ON TRUE
   WHERE l.client = {} AND (l.id = ANY({}::bigint[]) OR EXISTS (
         SELECT FROM invoice_line AS i WHERE i.line = l.id AND i.is_live))
)
SELECT b.estimate AS estimate_id, s.name AS provider, s.expected, sum(b.charged)::bigint AS billed
  FROM billed AS b JOIN (SELECT id, clinician, min(name) AS name, sum(total)::bigint AS expected
                           FROM standing GROUP BY id, clinician) AS s
    ON s.id = b.estimate AND s.clinician = b.clinician
 GROUP BY b.estimate, b.clinician, s.name, s.expected HAVING bool_or(b.id = ANY({}::bigint[]))
 ORDER BY b.estimate, s.name
"""


@dataclass(frozen=True)
class Exceeded:
    """All that was billed so far under an estimate, for one provider on it, in cents."""

    estimate_id: int
    provider: str
    expected: int
    billed: int

    @property
    def over(self) -> int:
        return self.billed - self.expected


async def exceeded(viewer: Viewer, client_id: int, lines: Sequence[int]) -> list[Exceeded]:
    """Where these services (ids of service lines), with what live invoices name already, come to $400 or more above
    what a Good Faith Estimate says for the same provider: then the client may dispute the bill.
    """
    viewer.must(Permission.LEDGER_READ)
    if not await Client.exists().where(viewer.reaches(Client), Client.id == client_id):
        raise NotFoundException
    rows = await fetch(BILLED, client_id, client_id, list(lines), list(lines))
    found = [Exceeded(**row) for row in rows]
    return [one for one in found if rules.is_far_above(one.billed, one.expected)]
