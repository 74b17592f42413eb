"""One item with everything that the desk says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from piccolo.querystring import QueryString

from portal import clock
from portal.access import NotFoundException, Viewer
from portal.clients.names import full_name
from portal.database import fetch
from portal.keyset import Place
from portal.practice import queries as practice
from portal.review.kinds import kind_of
from portal.review.reach import every, reached
from portal.review.tables import HELD_FOR, ReviewItem

ITEM = f"""
SELECT review_item.id, kind, about, url, opened_at, held_at, settled_at, outcome, reason, client AS client_id,
       c.given_name, c.family_name, c.suffix, c.birth_date, coalesce(c.chart_number, '') AS chart_number,
       {{}} AS is_charted,
       {practice.name_of("h")} AS held_by,
       {practice.name_of("s")} AS settled_by
  FROM review_item LEFT JOIN client AS c ON c.id = review_item.client
  LEFT JOIN staff_member AS h
    ON h.id = held_by AND held_by IS DISTINCT FROM {{}} AND held_at >= {{}} AND settled_at IS NULL
  LEFT JOIN staff_member AS s ON s.id = settled_by
 WHERE {{}} ORDER BY settled_at IS NULL DESC, review_item.id DESC LIMIT 1
"""
SHOWN = ("id", "url", "opened_at", "held_at", "held_by", "settled_at", "settled_by", "client_id", "is_charted")


@dataclass(frozen=True)
class Item:
    """`held_by` is somebody else who has it open since `held_at`; `outcome` says in words how it ended.

    `is_charted`: the chart behind it is the viewer's to open.
    """

    id: int
    kind: str
    title: object
    line: object
    url: str
    is_on_desk: bool
    client_id: int | None
    client: str
    is_charted: bool
    birth_date: date | None
    chart_number: str
    opened_at: datetime
    held_by: str
    held_at: datetime | None
    settled_by: str
    settled_at: datetime | None
    outcome: object
    reason: str

    @property
    def is_settled(self) -> bool:
        return self.settled_at is not None

    @property
    def place(self) -> Place:
        return Place(self.opened_at, self.id)


async def item(viewer: Viewer, item_id: int) -> Item:
    return await _found(viewer, QueryString("review_item.id = {}", item_id))


async def item_of(viewer: Viewer, kind: str | Sequence[str], subject_id: int) -> Item:
    """The one that is open, else the one that was settled last; of one of these kinds."""
    kinds = [kind] if isinstance(kind, str) else list(kind)
    return await _found(viewer, QueryString("kind = ANY({}::text[]) AND subject_id = {}", kinds, subject_id))


async def _found(viewer: Viewer, which: QueryString) -> Item:
    charted = viewer.reaches(ReviewItem).querystring
    rows = await fetch(ITEM, charted, viewer.staff_id, clock.now() - HELD_FOR, every(which, reached(viewer)))
    if not rows:
        raise NotFoundException
    return _item(rows[0])


def _item(row: dict[str, Any]) -> Item:
    kind = kind_of(row["kind"])
    return Item(
        kind=kind.name,
        title=kind.title,
        line=kind.says(row["about"]),
        is_on_desk=kind.is_on_desk,
        client=full_name(row),
        birth_date=row["birth_date"],
        chart_number=row["chart_number"],
        outcome=kind.ended(row["outcome"]),
        reason=kind.reason(row["reason"]),
        **{name: row[name] for name in SHOWN},
    )
