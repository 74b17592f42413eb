"""Which threads a member of the staff reads: one condition for every query and action."""

from piccolo.querystring import QueryString

from portal import clock
from portal.access import Permission, Viewer
from portal.clients.tables import Client
from portal.messages import topics
from portal.messages.tables import Thread
from portal.practice import queries as practices

# Of a personal thread its clinician, who is assigned to it, who stands in today; and the supervisors, where the
# clinician has left and nobody else could answer.
OWN = """(thread.clinician = {}::bigint OR thread.assigned_to = {}::bigint
 OR thread.clinician = ANY(ARRAY(SELECT staff FROM staff_away
                                  WHERE cover = {}::bigint AND {} BETWEEN first_day AND last_day)))"""
LEFT = "(thread.clinician IS NOT NULL AND thread.clinician IN (SELECT id FROM staff_member WHERE NOT is_active))"


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
    """No narrower than `read_by`, but by indexes: of whoever reaches few charts, where nothing else narrows a list."""
    if viewer.may(Permission.CLIENT_READ_ALL):
        return QueryString("TRUE")
    return QueryString(
        "thread.id = ANY(ARRAY(SELECT id FROM thread WHERE client = ANY(ARRAY(SELECT id FROM client WHERE {}))"
        " UNION SELECT id FROM thread WHERE {}))",
        viewer.reaches(Client).querystring,
        await own(viewer),
    )


async def own(viewer: Viewer) -> QueryString:
    """What is the viewer's by name: personal to them, assigned to them, or to somebody for whom they stand in."""
    zone = (await practices.practice(viewer)).time_zone
    return QueryString(OWN, viewer.staff_id, viewer.staff_id, viewer.staff_id, clock.today(zone))
