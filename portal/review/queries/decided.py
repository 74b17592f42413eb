"""What was decided: by whom, when, how and why; the newest first."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from piccolo.querystring import QueryString

from portal.access import Viewer
from portal.clients.names import folded, full_name, sought
from portal.database import fetch
from portal.keyset import Place, turned
from portal.practice import queries as practice
from portal.review.kinds import kind_of
from portal.review.reach import every, reached

PAGE = 25
SETTLED = QueryString("review_item.settled_at IS NOT NULL")
LAST = f"""
SELECT settled_at, {practice.name_of("s")} AS settled_by
  FROM review_item JOIN staff_member AS s ON s.id = settled_by
 WHERE {{}} ORDER BY settled_at DESC, review_item.id DESC LIMIT 1
"""


@dataclass(frozen=True)
class Decision:
    """One line of the log. `settled_by` is empty where the portal or the client ended it."""

    id: int
    title: object
    line: object
    url: str
    is_on_desk: bool
    client_id: int | None
    client: str
    settled_at: datetime
    settled_by: str
    outcome: object
    reason: str

    @property
    def place(self) -> Place:
        return Place(self.settled_at, self.id)


@dataclass(frozen=True)
class Log:
    """A page of it, and where the newer and the older ones begin."""

    decisions: list[Decision]
    newer: Place | None
    older: Place | None


class Last(NamedTuple):
    settled_at: datetime
    settled_by: str


async def decided(
    viewer: Viewer, words: str = "", kind: str = "", *, after: Place | None = None, before: Place | None = None
) -> Log:
    """Every word must be found in the client, or every word in the name of who decided."""
    conditions = [SETTLED, reached(viewer)]
    if kind:
        conditions.append(QueryString("kind = {}", kind))
    if words.strip():
        conditions.append(await _about(viewer, words))
    if edge := after or before:
        beyond = f"(settled_at, review_item.id) {'>' if before else '<'} ({{}}, {{}})"
        conditions.append(QueryString(beyond, *edge))
    rows = [_decision(row) for row in await fetch(_page(is_ascending=before is not None), every(*conditions))]
    page, has_newer, has_older = turned(rows, PAGE, is_begun=after is not None, is_backwards=before is not None)
    return Log(page, page[0].place if page and has_newer else None, page[-1].place if page and has_older else None)


async def last_decision(viewer: Viewer) -> Last | None:
    rows = await fetch(LAST, every(SETTLED, reached(viewer)))
    return Last(rows[0]["settled_at"], rows[0]["settled_by"]) if rows else None


async def _about(viewer: Viewer, words: str) -> QueryString:
    """Clients by the index of words; of staff there are few."""
    asked = folded(words).split()
    staff = [
        one.id
        for one in await practice.everybody(viewer)
        if asked and all(any(part.startswith(word) for part in folded(one.name).split()) for word in asked)
    ]
    return QueryString(
        "(review_item.client = ANY(ARRAY(SELECT id FROM client WHERE search @@ {}::tsquery))"
        " OR settled_by = ANY({}::bigint[]))",
        sought(words),
        staff,
    )


@cache
def _page(*, is_ascending: bool) -> str:
    way = "ASC" if is_ascending else "DESC"
    return f"""
    SELECT review_item.id, kind, about, url, client AS client_id, settled_at, outcome, reason,
           c.given_name, c.family_name, c.suffix,
           {practice.name_of("s")} AS settled_by
      FROM review_item LEFT JOIN client AS c ON c.id = review_item.client
      LEFT JOIN staff_member AS s ON s.id = settled_by
     WHERE {{}} ORDER BY settled_at {way}, review_item.id {way} LIMIT {PAGE + 1}"""


def _decision(row: dict[str, Any]) -> Decision:
    kind = kind_of(row["kind"])
    return Decision(
        title=kind.title,
        line=kind.says(row["about"]),
        is_on_desk=kind.is_on_desk,
        client=full_name(row),
        outcome=kind.ended(row["outcome"]),
        reason=kind.reason(row["reason"]),
        **{name: row[name] for name in ("id", "url", "client_id", "settled_at", "settled_by")},
    )
