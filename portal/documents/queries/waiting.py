"""What waits for a client among the documents: of many, those that were shared first."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from portal import clock
from portal.access import Area, Viewer
from portal.database import fetch
from portal.documents import rules
from portal.documents.queries.shown import SEEN, WAITS
from portal.language import in_language
from portal.practice import queries as practices

MOST_NAMED = 8
FIRST = f"""
SELECT d.id, d.state, d.purpose, d.title, d.title_es, d.due_on, count(*) OVER () AS many
  FROM document AS d WHERE {SEEN} AND {WAITS} ORDER BY d.shared_at, d.id LIMIT {MOST_NAMED}
"""


@dataclass(frozen=True)
class ToBeDone:
    id: int
    state: str
    purpose: str
    title: str
    title_es: str
    due_on: date | None

    @property
    def called(self) -> str:
        return in_language(self.title, self.title_es)

    @property
    def standing(self) -> object:
        return rules.STATES[self.state]

    @property
    def pill(self) -> str:
        return rules.PILLS[self.state]


class Waiting(NamedTuple):
    """`many` counts those too that are not named; `today` is the practice's."""

    many: int
    first: list[ToBeDone]
    today: date


async def waiting(viewer: Viewer, client_id: int) -> Waiting:
    viewer.must_act_for(client_id, Area.DOCUMENTS)
    rows = await fetch(FIRST, client_id, [str(one) for one in rules.SEEN])
    named = [ToBeDone(**{name: row[name] for name in ToBeDone.__dataclass_fields__}) for row in rows]
    today = clock.today((await practices.practice(viewer)).time_zone)
    return Waiting(rows[0]["many"] if rows else 0, named, today)
