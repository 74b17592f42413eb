"""Which threads a member of the staff reads: one condition for every query and action."""

from datetime import date

from piccolo.querystring import QueryString

from portal import clock
from portal.access import Permission, Viewer
from portal.clients.tables import Client
from portal.messages import topics
from portal.messages.tables import Thread
from portal.practice import queries as practices

# Of a personal thread its clinician, who is assigned to it, who stands in today; and the supervisors, where the
# clinician has left and nobody else could answer. Who stands in reads the care of that clinician's clients as well.
COVERED = "ANY(ARRAY(SELECT staff FROM staff_away WHERE cover = {}::bigint AND {} BETWEEN first_day AND last_day))"
OWN = f"""(thread.clinician = {{}}::bigint OR thread.assigned_to = {{}}::bigint OR thread.clinician = {COVERED}
 OR (thread.topic = 'care'
     AND thread.client = ANY(ARRAY(SELECT id FROM client WHERE principal_clinician = {COVERED}))))"""
LEFT = "(thread.clinician IS NOT NULL AND thread.clinician IN (SELECT id FROM staff_member WHERE NOT is_active))"
AWAY = """NOT EXISTS (SELECT FROM staff_away WHERE staff = {}::bigint AND staff = thread.clinician
                   AND cover IS NOT NULL AND {} BETWEEN first_day AND last_day)"""


async def read_by(viewer: Viewer) -> QueryString:
    """Of the table `thread`, under its own name. Nobody reads about themselves as staff."""
    viewer.must(Permission.MESSAGE_READ)
    by_topic = QueryString(
        "(thread.topic = ANY({}::varchar[]) AND {})", topics.readable(viewer), viewer.reaches(Thread).querystring
    )
    left = LEFT if viewer.may(Permission.MESSAGE_SUPERVISE) else "FALSE"
    return QueryString(
        f"(({{}} OR {{}} OR {left}) AND thread.client <> ALL({{}}::bigint[]))",
        await own(viewer),
        by_topic,
        list(viewer.own_clients),
    )


async def near(viewer: Viewer) -> QueryString:
    """No narrower than `read_by`, but by indexes: for who reaches few charts, where no other index narrows a list."""
    if viewer.may(Permission.CLIENT_READ_ALL):
        return QueryString("TRUE")
    reached = viewer.reaches(Client).querystring
    return QueryString(
        "thread.id = ANY(ARRAY(SELECT id FROM thread WHERE client = ANY(ARRAY(SELECT id FROM client WHERE {}))"
        " UNION SELECT id FROM thread WHERE {}))",
        reached,
        await own(viewer),
    )


async def own(viewer: Viewer) -> QueryString:
    """What is the viewer's by name: personal to them, assigned to them, or to somebody for whom they stand in."""
    covered = (viewer.staff_id, await _today(viewer))
    return QueryString(OWN, viewer.staff_id, viewer.staff_id, *covered, *covered)


async def told_of(viewer: Viewer) -> QueryString:
    """Of what one reads, what one answers: not what a colleague has, nor what somebody stands in for meanwhile."""
    away = QueryString(AWAY, viewer.staff_id, await _today(viewer))
    is_mine = QueryString("coalesce(thread.assigned_to, {}) = {}", viewer.staff_id, viewer.staff_id)
    return QueryString("({} AND {} AND {})", await read_by(viewer), is_mine, away)


async def _today(viewer: Viewer) -> date:
    return clock.today((await practices.practice(viewer)).time_zone)
