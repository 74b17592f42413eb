"""Statement runs: what one would do, how far one is, and whom it passed by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal import clock
from portal.access import NotFoundException, Permission, Viewer
from portal.appointments.hours import midnight
from portal.billing.queries.pages import PAGE, Edge, Page, page_of, way
from portal.clients.names import full_name
from portal.database import fetch
from portal.invoices.queries.waiting import OF_EVERYBODY, following
from portal.invoices.tables import RunRefusal, RunState
from portal.language import gettext
from portal.practice import queries as practices
from portal.practice.queries import name_of

MONTHS, MOST = 12, 200
RUNS = f"""
SELECT r.id, r.month, r.state, r.total, r.done, r.issued, r.refused, r.amount, r.made_at, r.ended_at,
       {name_of("m")} AS by
  FROM statement_run AS r LEFT JOIN staff_member AS m ON m.id = r.made_by WHERE
"""
REFUSED = f"""
SELECT run_refusal.client AS client_id, run_refusal.why, c.given_name, c.family_name, c.suffix
  FROM run_refusal JOIN client AS c ON c.id = run_refusal.client
 WHERE run_refusal.run = {{}} AND {{}} ORDER BY run_refusal.id LIMIT {MOST}
"""


@dataclass(frozen=True)
class Run:
    """`total` clients when it began, `done` of them by now; `amount` is cents of what it has issued."""

    id: int
    month: date
    state: str
    total: int
    done: int
    issued: int
    refused: int
    amount: int
    made_at: datetime
    ended_at: datetime | None
    by: str

    @property
    def is_running(self) -> bool:
        return self.state == RunState.RUNNING

    @property
    def is_stopped(self) -> bool:
        return self.state == RunState.STOPPED


@dataclass(frozen=True)
class Coming:
    """What a run would do now: for so many clients, so many services, so many cents."""

    month: date
    clients: int
    services: int
    cents: int


@dataclass(frozen=True)
class PassedBy:
    """`why` in the reader's language."""

    client_id: int
    name: str
    why: str


async def months(viewer: Viewer) -> list[date]:
    """That are over, the last one first."""
    today = clock.today((await practices.practice(viewer)).time_zone)
    first = today.year * 12 + today.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(first - 1, first - 1 - MONTHS, -1)]


async def coming(viewer: Viewer, month: date) -> Coming:
    viewer.must(Permission.INVOICE_ISSUE)
    viewer.must(Permission.CLIENT_READ_ALL)
    until = midnight((await practices.practice(viewer)).time_zone, following(month))
    rows = await fetch(
        "SELECT count(DISTINCT l.client) AS clients, count(*) AS services,"
        f" coalesce(sum(l.charged), 0)::bigint AS cents {OF_EVERYBODY}",
        until,
    )
    return Coming(month, **rows[0])


async def runs(viewer: Viewer, edge: Edge) -> Page[Run]:
    viewer.must(Permission.INVOICE_ISSUE)
    sides = way(edge)
    rows = await fetch(
        f"{RUNS} ({{}}::bigint IS NULL OR r.id {sides['beyond']} {{}}) ORDER BY r.id {sides['way']} LIMIT {PAGE + 1}",
        edge.id,
        edge.id,
    )
    return page_of([Run(**row) for row in rows], edge, edge.id, lambda one: str(one.id))


async def run(viewer: Viewer, run_id: int) -> Run:
    viewer.must(Permission.INVOICE_ISSUE)
    rows = await fetch(f"{RUNS} r.id = {{}}", run_id)
    if not rows:
        raise NotFoundException
    return Run(**rows[0])


async def passed_by(viewer: Viewer, run_id: int) -> Sequence[PassedBy]:
    """The clients whom it has passed by, and why; no more than a page can show."""
    rows = await fetch(REFUSED, run_id, viewer.reaches(RunRefusal).querystring)
    return [_passed_by(**row) for row in rows]


def _passed_by(client_id: int, why: str, **name: str) -> PassedBy:
    return PassedBy(client_id, full_name(name), gettext(why))
