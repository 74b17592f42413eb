"""What each of a client's visits cost, narrowed, and in the order of any column. What was voided is not there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from piccolo.querystring import QueryString

from portal.access import Area, NotFoundException, Viewer
from portal.appointments.hours import midnight
from portal.balance.itemized import Choices, Filters, Invoiced, Order, Page, Visit
from portal.database import fetch
from portal.keyset import turned
from portal.practice import queries as practices
from portal.practice.queries import name_of
from portal.review.reach import every

PAGE, ON_PAPER = 25, 500
AT_ONCE = 500
SPOKEN = {"en": "l.words", "es": "coalesce(nullif(l.words_es, ''), l.words)"}
# Column → what it is sorted by; the first service and the first invoice stand for the others.
SORTS = {
    "date": "e.starts_at",
    "service": "coalesce((SELECT lower(l.code || ' ' || {words}) FROM service_line AS l"
    " WHERE l.encounter = e.id ORDER BY l.place LIMIT 1), '')",
    "clinician": f"lower({name_of('m')})",
    "site": "lower(s.name)",
    "charge": "coalesce(l.charged, 0)",
    "paid": "coalesce(l.paid, 0)",
    "yours": "coalesce(l.client_due, 0)",
    "balance": "coalesce(l.due, 0)",
    "invoice": "coalesce((SELECT min(i.number) FROM service_line AS l JOIN invoice_line AS n ON n.line = l.id"
    " AND n.is_live JOIN invoice AS i ON i.id = n.invoice WHERE l.encounter = e.id), 0)",
    "superbill": "lower(e.payer)",
}
# An edge is the id of a row alone: what it is sorted by never stands in an address.
LISTED = f"""
WITH listed AS MATERIALIZED (
  SELECT e.id, e.starts_at, e.time_zone, e.payer, e.clinician AS clinician_id, {name_of("m")} AS clinician,
         e.site AS site_id, s.name AS site, coalesce(l.charged, 0) AS charged, coalesce(l.paid, 0) AS paid,
         coalesce(l.adjusted, 0) AS adjusted, coalesce(l.client_due, 0) AS client_due, coalesce(l.due, 0) AS due,
         {{key}} AS key
    FROM encounter AS e JOIN staff_member AS m ON m.id = e.clinician JOIN site AS s ON s.id = e.site
    LEFT JOIN (
      SELECT encounter, sum(charged)::bigint AS charged, sum(paid_by_insurer + paid_by_client)::bigint AS paid,
             sum(adjusted)::bigint AS adjusted, sum(client_due)::bigint AS client_due,
             sum(client_due + insurance_due)::bigint AS due
        FROM service_line WHERE client = {{{{}}}} GROUP BY encounter) AS l ON l.encounter = e.id
   WHERE e.client = {{{{}}}} AND e.voided_at IS NULL)
SELECT c.total, p.*, v.services, n.ids, n.numbers
  FROM (SELECT count(*) AS total FROM listed WHERE {{{{}}}}) AS c
  LEFT JOIN (SELECT * FROM listed WHERE {{{{}}}} ORDER BY key {{way}}, id {{way}} LIMIT {{many}}) AS p ON true
  LEFT JOIN LATERAL (
    SELECT array_agg(l.code || ' ' || {{words}} ORDER BY l.place) AS services
      FROM service_line AS l WHERE l.encounter = p.id) AS v ON true
  LEFT JOIN LATERAL (
    SELECT array_agg(i.id ORDER BY i.number) AS ids, array_agg(i.number ORDER BY i.number) AS numbers
      FROM (SELECT DISTINCT i.id, i.number FROM service_line AS l
              JOIN invoice_line AS n ON n.line = l.id AND n.is_live JOIN invoice AS i ON i.id = n.invoice
             WHERE l.encounter = p.id) AS i) AS n ON true
 ORDER BY p.key {{way}}, p.id {{way}}
"""
EDGE = "coalesce((key, id) {beyond} (SELECT o.key, o.id FROM listed AS o WHERE o.id = {{}}), true)"
CHOICES = f"""
SELECT DISTINCT e.site AS site_id, s.name AS site, e.clinician AS clinician_id, {name_of("m")} AS clinician
  FROM encounter AS e JOIN site AS s ON s.id = e.site JOIN staff_member AS m ON m.id = e.clinician
 WHERE e.client = {{}} AND e.voided_at IS NULL
"""


async def visits(
    viewer: Viewer, client_id: int, filters: Filters, order: Order, spoken: str, *,
    after: int | None = None, before: int | None = None, size: int = PAGE,
) -> Page:  # fmt: skip
    """An edge that is no row any more begins at the beginning."""
    viewer.must_act_for(client_id, Area.BILLING)
    conditions = await _conditions(viewer, filters)
    is_backwards, edge = before is not None, after if before is None else before
    rows, total = await _rows(client_id, conditions, order, spoken, edge, is_backwards=is_backwards, many=size + 1)
    if not rows and total and edge:
        return await visits(viewer, client_id, filters, order, spoken, size=size)
    page, has_newer, has_older = turned(rows, size, is_begun=after is not None, is_backwards=is_backwards)
    return Page(page, total, page[0].id if has_newer else None, page[-1].id if has_older else None)


async def visit(viewer: Viewer, client_id: int, visit_id: int, spoken: str) -> Visit:
    """One of them. Not found, where it was voided."""
    viewer.must_act_for(client_id, Area.BILLING)
    only = [QueryString("id = {}", visit_id)]
    rows, _ = await _rows(client_id, only, Order(), spoken, None, is_backwards=False, many=1)
    if not rows:
        raise NotFoundException
    return rows[0]


async def whole(
    viewer: Viewer, client_id: int, filters: Filters, order: Order, spoken: str
) -> AsyncIterator[list[Visit]]:
    """Everything that the filters let through, in this order, piece by piece."""
    viewer.must_act_for(client_id, Area.BILLING)
    conditions, edge = await _conditions(viewer, filters), None
    while True:
        rows, _ = await _rows(client_id, conditions, order, spoken, edge, is_backwards=False, many=AT_ONCE)
        if rows:
            yield rows
        if len(rows) < AT_ONCE:
            return
        edge = rows[-1].id


async def choices(viewer: Viewer, client_id: int) -> Choices:
    viewer.must_act_for(client_id, Area.BILLING)
    sites, clinicians = {}, {}
    for row in await fetch(CHOICES, client_id):
        sites[row["site_id"]], clinicians[row["clinician_id"]] = row["site"], row["clinician"]
    return Choices(*({key: one[key] for key in sorted(one, key=one.__getitem__)} for one in (sites, clinicians)))


async def _conditions(viewer: Viewer, filters: Filters) -> list[QueryString]:
    zone, found = (await practices.practice(viewer)).time_zone, [QueryString("TRUE")]
    if filters.first_day:
        found.append(QueryString("starts_at >= {}", midnight(zone, filters.first_day)))
    if filters.last_day:
        found.append(QueryString("starts_at < {}", midnight(zone, filters.last_day + timedelta(days=1))))
    if filters.clinician:
        found.append(QueryString("clinician_id = {}", filters.clinician))
    if filters.site:
        found.append(QueryString("site_id = {}", filters.site))
    if filters.is_open:
        found.append(QueryString("due > 0"))
    return found


async def _rows(
    client_id: int, conditions: list[QueryString], order: Order, spoken: str, edge: int | None, *,
    is_backwards: bool, many: int,
) -> tuple[list[Visit], int]:  # fmt: skip
    way, beyond = ("DESC", "<") if order.is_falling != is_backwards else ("ASC", ">")
    words = SPOKEN[spoken]
    sql = LISTED.format(key=SORTS[order.column].format(words=words), way=way, many=many, words=words)
    beyond_it = [QueryString(EDGE.format(beyond=beyond), edge)] if edge else []
    rows = await fetch(sql, client_id, client_id, every(*conditions), every(*conditions, *beyond_it))
    return [_visit(row) for row in rows if row["id"]], rows[0]["total"]


def _visit(row: dict[str, Any]) -> Visit:
    facts = {name: row[name] for name in Visit.__dataclass_fields__ if name in row}
    invoices = [Invoiced(*one) for one in zip(row["ids"] or (), row["numbers"] or (), strict=True)]
    return Visit(**{**facts, "services": row["services"] or []}, invoices=invoices)
