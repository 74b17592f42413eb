"""The ledger of an account, or of one visit, with what was owed after each step of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

from piccolo.querystring import QueryString

from portal.access import Area, Viewer
from portal.balance.queries.visits import SPOKEN
from portal.balance.steps import Step
from portal.database import fetch
from portal.keyset import turned
from portal.review.reach import every

PAGE, ON_PAPER = 25, 500
AT_ONCE = 2500
# Steps stand in the order of the days that they belong to; what is posted later for an earlier day changes what was
# owed after it, and never what is owed at the end.
STEPS = """
WITH grouped AS (
  SELECT max(e.id) AS id, e.posting, e.line, e.kind, p.counts_on AS day, sum(e.amount)::bigint AS amount,
         coalesce(sum(e.amount) FILTER (WHERE e.share = 'client'), 0)::bigint AS moved
    FROM entry AS e JOIN posting AS p ON p.id = e.posting
   WHERE e.client = {{}} AND {{}} GROUP BY e.posting, e.line, e.kind, p.counts_on),
told AS MATERIALIZED (SELECT *, sum(amount) OVER (ORDER BY day, id)::bigint AS balance FROM grouped)
SELECT c.total, t.id, t.day, t.kind, t.amount, t.moved, t.balance, coalesce(o.kind, p.kind) AS act,
       o.id IS NOT NULL AS is_reversal, m.id AS payment_id, coalesce(m.method, '') AS method,
       m.number IS NOT NULL AS is_receipted, v.id AS visit_id, v.voided_at IS NOT NULL AS is_voided, v.starts_at,
       coalesce(v.time_zone, '') AS time_zone, coalesce({words}, '') AS service, coalesce(l.units, 0) AS units,
       coalesce(l.fee, 0) AS fee,
       CASE WHEN coalesce(o.kind, p.kind) = 'insurer' THEN coalesce(o.reason, p.reason) ELSE coalesce(v.payer, '') END
         AS payer
  FROM (SELECT count(*) AS total FROM told AS t WHERE {{}}) AS c
  LEFT JOIN (SELECT * FROM told AS t WHERE {{}} ORDER BY day {way}, id {way} LIMIT {many}) AS t ON true
  LEFT JOIN posting AS p ON p.id = t.posting LEFT JOIN posting AS o ON o.id = p.reverses
  LEFT JOIN payment AS m ON m.id = p.payment
  LEFT JOIN service_line AS l ON l.id = t.line LEFT JOIN encounter AS v ON v.id = l.encounter
 ORDER BY t.day {way}, t.id {way}
"""
EDGE = "coalesce((t.day, t.id) {beyond} (SELECT o.day, o.id FROM told AS o WHERE o.id = {{}}), true)"
OF_VISIT = "e.line IN (SELECT id FROM service_line WHERE encounter = {})"


@dataclass(frozen=True)
class Page:
    """The newest first; `total` counts those of the asked days, edges are ids."""

    steps: list[Step]
    total: int
    newer: int | None = None
    older: int | None = None


async def of_account(
    viewer: Viewer, client_id: int, spoken: str, *, first: date | None = None, last: date | None = None,
    after: int | None = None, before: int | None = None, size: int = PAGE,
) -> Page:  # fmt: skip
    """What was owed after a step counts all that was before it, asked for or not."""
    viewer.must_act_for(client_id, Area.BILLING)
    days, is_backwards = _days(first, last), before is not None
    edge = after if before is None else before
    rows, total = await _steps(client_id, spoken, days, edge, is_rising=is_backwards, many=size + 1)
    if not rows and total and edge:
        return await of_account(viewer, client_id, spoken, first=first, last=last, size=size)
    page, has_newer, has_older = turned(rows, size, is_begun=after is not None, is_backwards=is_backwards)
    return Page(page, total, page[0].id if has_newer else None, page[-1].id if has_older else None)


async def of_visit(viewer: Viewer, client_id: int, visit_id: int, spoken: str) -> list[Step]:
    """From the first step on. The last one's balance is the visit's."""
    viewer.must_act_for(client_id, Area.BILLING)
    only = QueryString(OF_VISIT, visit_id)
    return (await _steps(client_id, spoken, _days(None, None), None, is_rising=True, many=AT_ONCE, only=only))[0]


async def whole(
    viewer: Viewer, client_id: int, spoken: str, *, first: date | None = None, last: date | None = None
) -> AsyncIterator[list[Step]]:
    """From the first step on, piece by piece: what is owed now stands at the end."""
    viewer.must_act_for(client_id, Area.BILLING)
    edge = None
    while True:
        steps, _ = await _steps(client_id, spoken, _days(first, last), edge, is_rising=True, many=AT_ONCE)
        if steps:
            yield steps
        if len(steps) < AT_ONCE:
            return
        edge = steps[-1].id


def _days(first: date | None, last: date | None) -> list[QueryString]:
    found = [QueryString("TRUE")]
    if first:
        found.append(QueryString("t.day >= {}", first))
    if last:
        found.append(QueryString("t.day <= {}", last))
    return found


async def _steps(
    client_id: int, spoken: str, days: list[QueryString], edge: int | None, *, is_rising: bool, many: int,
    only: QueryString | None = None,
) -> tuple[list[Step], int]:  # fmt: skip
    way, beyond = ("ASC", ">") if is_rising else ("DESC", "<")
    past = [QueryString(EDGE.format(beyond=beyond), edge)] if edge else []
    sql = STEPS.format(words=SPOKEN[spoken], way=way, many=many)
    rows = await fetch(sql, client_id, only or QueryString("TRUE"), every(*days), every(*days, *past))
    return [Step.of(row) for row in rows if row["id"]], rows[0]["total"]
