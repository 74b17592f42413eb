"""Services that no live invoice names: of one client, and of everybody up to the end of a month."""

from datetime import date

OPEN = """
SELECT l.id, l.charged FROM service_line AS l JOIN encounter AS e ON e.id = l.encounter
 WHERE l.client = {} AND e.voided_at IS NULL AND l.charged > 0 AND e.starts_at < {}
   AND ({}::bigint[] IS NULL OR l.id = ANY({}::bigint[]))
   AND NOT EXISTS (SELECT FROM invoice_line AS n WHERE n.line = l.id AND n.is_live)
 ORDER BY e.starts_at, l.encounter, l.place
"""
OF_EVERYBODY = """
  FROM service_line AS l JOIN encounter AS e ON e.id = l.encounter
 WHERE l.charged > 0 AND e.voided_at IS NULL AND e.starts_at < {}
   AND NOT EXISTS (SELECT FROM invoice_line AS n WHERE n.line = l.id AND n.is_live)
"""


def following(month: date) -> date:
    """The first day of the next one."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
