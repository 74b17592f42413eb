"""Estimates that are to be given, beside the lists of money, and not only in the queue."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.access import Permission, Viewer
from portal.billing.queries.pages import PAGE
from portal.clients.names import full_name
from portal.database import fetch
from portal.estimates import kinds
from portal.keyset import Place, turned
from portal.review.kinds import kind_of
from portal.review.tables import ReviewItem

OPEN = f"""
WITH every AS (
  SELECT review_item.id, review_item.kind, review_item.about, review_item.url, review_item.opened_at AS at,
         c.id AS client_id, c.given_name, c.family_name, c.suffix
    FROM review_item JOIN client AS c ON c.id = review_item.client
   WHERE review_item.kind = ANY({{}}::varchar[]) AND review_item.settled_at IS NULL AND {{}}
     AND ({{}}::bigint IS NULL OR c.principal_clinician = {{}}))
SELECT every.*, (SELECT count(*) FROM every) AS total FROM every
 WHERE {{}}::timestamptz IS NULL OR (at, id) {{beyond}} ({{}}, {{}})
 ORDER BY at {{way}}, id {{way}} LIMIT {PAGE + 1}
"""


@dataclass(frozen=True)
class Wanted:
    """`line` says until when; `url` is where it is given."""

    id: int
    client_id: int
    name: str
    title: object
    line: object
    url: str
    at: datetime

    @property
    def place(self) -> Place:
        return Place(self.at, self.id)


@dataclass(frozen=True)
class Found:
    rows: list[Wanted]
    total: int
    before: Place | None
    after: Place | None


async def wanted(viewer: Viewer, after: Place | None, before: Place | None, clinician: int | None) -> Found:
    """The longest asked for first."""
    viewer.must(Permission.ESTIMATE_GIVE)
    is_backwards = after is None and before is not None
    beyond, way = ("<", "DESC") if is_backwards else (">", "ASC")
    at, id = after or before or (None, None)
    names = [kinds.DUE.name, kinds.ASKED.name]
    reached = viewer.reaches(ReviewItem).querystring
    sql = OPEN.replace("{beyond}", beyond).replace("{way}", way)
    rows = await fetch(sql, names, reached, clinician, clinician, at, at, id)
    page, has_before, has_after = turned(
        [_wanted(row) for row in rows], PAGE, is_begun=after is not None, is_backwards=is_backwards
    )
    total = int(rows[0]["total"]) if rows else 0
    return Found(
        page, total, page[0].place if page and has_before else None, page[-1].place if page and has_after else None
    )


def _wanted(row: dict[str, Any]) -> Wanted:
    kind = kind_of(row["kind"])
    return Wanted(
        row["id"], row["client_id"], full_name(row), kind.title, kind.says(row["about"]), row["url"], row["at"]
    )
