"""What waits too long for an answer comes into the review queue."""

from typing import Any

from portal import clock
from portal.access import Permission, Viewer
from portal.database import fetch, transaction
from portal.messages.actions.putting import lock
from portal.messages.kinds import NOBODYS, UNANSWERED, address
from portal.messages.settings import unanswered_after
from portal.messages.tables import Topic
from portal.messages.topics import READERS
from portal.practice import queries as practices
from portal.review import actions as review

# By the index of threads that wait, the longest first.
DUE = """
SELECT id FROM thread
 WHERE waiting_since < {} AND closed_at IS NULL AND NOT EXISTS (
   SELECT FROM review_item WHERE kind = {} AND subject_id = thread.id AND settled_at IS NULL)
 ORDER BY waiting_since, id LIMIT 100
"""
WAITS = """
SELECT t.client, t.topic, s.id AS clinician, s.is_active, (
       SELECT a.cover FROM staff_away AS a JOIN staff_member AS c ON c.id = a.cover AND c.is_active
        WHERE a.staff = s.id AND {} BETWEEN a.first_day AND a.last_day ORDER BY a.id LIMIT 1) AS cover
  FROM thread AS t JOIN client AS chart ON chart.id = t.client
  LEFT JOIN staff_member AS s ON s.id = CASE t.topic WHEN 'care' THEN chart.principal_clinician ELSE t.clinician END
 WHERE t.id = {} AND t.waiting_since IS NOT NULL AND t.closed_at IS NULL
"""
OF_CLINICIANS = """
SELECT t.id FROM review_item AS i JOIN thread AS t ON t.id = i.subject_id
 WHERE i.kind = {} AND i.settled_at IS NULL AND t.topic IN ('personal', 'care') ORDER BY t.id
"""


async def open_due(viewer: Viewer) -> None:
    """Each of them once while it waits. Who stands in changes with the days: of a clinician it is looked at again."""
    before = clock.now() - await unanswered_after(viewer)
    for row in await fetch(DUE, before, UNANSWERED.name):
        await _open(viewer, row["id"])
    for row in await fetch(OF_CLINICIANS, UNANSWERED.name):
        await _open(viewer, row["id"])


async def _open(viewer: Viewer, thread_id: int) -> None:
    """What was answered or closed meanwhile is left."""
    zone = (await practices.practice(viewer)).time_zone
    async with transaction():
        await lock(viewer, thread_id)
        for row in await fetch(WAITS, clock.today(zone), thread_id):
            needs, only_for = _readers(row)
            await review.open_item(
                viewer, UNANSWERED.name, thread_id, address(thread_id), row["client"], row["topic"],
                needs=needs, only_for=only_for,
            )  # fmt: skip


def _readers(row: dict[str, Any]) -> tuple[str, int | None]:
    """Nobody finds in the queue what they may not read; whoever stands in reads the care of those clients as well."""
    topic = Topic(row["topic"])
    if topic == Topic.CARE:
        return READERS[topic], row["cover"]
    if topic != Topic.PERSONAL:
        return READERS[topic], None
    if row["is_active"] or row["cover"]:
        return NOBODYS, row["cover"] or row["clinician"]
    return Permission.MESSAGE_SUPERVISE, None
