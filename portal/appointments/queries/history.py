"""A client's appointments that are over or came to nothing; the newest first."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from piccolo.querystring import QueryString

from portal import clock
from portal.access import Area, Viewer
from portal.appointments.hours import midnight
from portal.appointments.queries.visits import FIELDS, JOINED, written
from portal.appointments.visit import Visit
from portal.database import fetch
from portal.keyset import Place, turned
from portal.practice import queries as practices
from portal.practice.queries import name_of
from portal.review.reach import every

PAGE = 25
AT_ONCE = 500
OVER = """
(a.state NOT IN ('held', 'requested') AND a.ends_at <= {}
 OR a.state IN ('cancelled', 'late_cancelled', 'no_show', 'declined', 'withdrawn', 'expired', 'moved', 'completed'))
"""
# What was only offered never was a visit.
EVER = """
(a.state <> 'held' AND (coalesce(a.instead_of, a.waits) IS NULL OR a.state NOT IN ('offered', 'expired', 'withdrawn')))
"""
OVER = f"({OVER}) AND {EVER}"
CHOICES = f"""
SELECT DISTINCT a.site AS site_id, s.name AS site, a.clinician AS clinician_id, {name_of("m")} AS clinician,
       a.type AS type_id, t.name, t.name_es
  FROM appointment AS a JOIN site AS s ON s.id = a.site JOIN staff_member AS m ON m.id = a.clinician
  JOIN appointment_type AS t ON t.id = a.type WHERE a.client = {{}} AND {EVER}
"""


@dataclass(frozen=True)
class Filters:
    """Days on the practice's wall, both included; ids and a state; None is any."""

    first_day: date | None = None
    last_day: date | None = None
    site: int | None = None
    clinician: int | None = None
    type: int | None = None
    state: str = ""

    @property
    def is_narrow(self) -> bool:
        return self != Filters()


@dataclass(frozen=True)
class Choices:
    """What stands in this client's appointments: id → words, in order."""

    sites: dict[int, str] = field(default_factory=dict)
    clinicians: dict[int, str] = field(default_factory=dict)
    types: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """`total` counts what the filters let through, on all pages."""

    visits: list[Visit]
    total: int
    newer: Place | None
    older: Place | None


async def history(
    viewer: Viewer, client_id: int, filters: Filters, *, after: Place | None = None, before: Place | None = None
) -> Page:
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    conditions = await _conditions(viewer, client_id, filters)
    total = (await fetch("SELECT count(*) AS n FROM appointment AS a WHERE {}", every(*conditions)))[0]["n"]
    rows = await _rows(conditions, after or before, is_backwards=before is not None, many=PAGE + 1)
    page, has_newer, has_older = turned(rows, PAGE, is_begun=after is not None, is_backwards=before is not None)
    newer, older = (page[0], page[-1]) if page else (None, None)
    return Page(
        page, total, _place(newer) if newer and has_newer else None, _place(older) if older and has_older else None
    )


async def whole(viewer: Viewer, client_id: int, filters: Filters) -> AsyncIterator[list[Visit]]:
    """Everything that the filters let through, piece by piece."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    conditions, edge = await _conditions(viewer, client_id, filters), None
    while rows := await _rows(conditions, edge, is_backwards=False, many=AT_ONCE):
        yield rows
        edge = _place(rows[-1])


async def choices(viewer: Viewer, client_id: int, spoken: str) -> Choices:
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    found = Choices()
    for row in await fetch(CHOICES, client_id):
        found.sites[row["site_id"]] = row["site"]
        found.clinicians[row["clinician_id"]] = row["clinician"]
        found.types[row["type_id"]] = row["name_es"] if spoken == "es" and row["name_es"] else row["name"]
    return Choices(*({key: one[key] for key in sorted(one, key=one.__getitem__)} for one in vars(found).values()))


async def _conditions(viewer: Viewer, client_id: int, filters: Filters) -> list[QueryString]:
    zone = (await practices.practice(viewer)).time_zone
    found = [QueryString("a.client = {}", client_id), QueryString(OVER, clock.now())]
    if filters.first_day:
        found.append(QueryString("a.starts_at >= {}", midnight(zone, filters.first_day)))
    if filters.last_day:
        found.append(QueryString("a.starts_at < {}", midnight(zone, filters.last_day + timedelta(days=1))))
    for column in ("site", "clinician", "type"):
        if chosen := getattr(filters, column):
            found.append(QueryString(f"a.{column} = {{}}", chosen))
    if filters.state:
        found.append(QueryString("a.state = {}", filters.state))
    return found


async def _rows(conditions: list[QueryString], edge: Place | None, *, is_backwards: bool, many: int) -> list[Visit]:
    way, beyond = ("ASC", ">") if is_backwards else ("DESC", "<")
    if edge:
        conditions = [*conditions, QueryString(f"(a.starts_at, a.id) {beyond} ({{}}, {{}})", *edge)]
    sql = f"SELECT {FIELDS} {JOINED} WHERE {{}} ORDER BY a.starts_at {way}, a.id {way} LIMIT {many}"
    return [written(row) for row in await fetch(sql, every(*conditions))]


def _place(visit: Visit) -> Place:
    return Place(visit.starts_at, visit.id)
