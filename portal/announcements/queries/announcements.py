"""What the practice told many clients, how far it is, and how many have read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from portal.access import NotFoundException, Permission, Viewer
from portal.announcements.tables import Audience
from portal.database import fetch
from portal.keyset import turned
from portal.messages.tables import Topic
from portal.messages.topics import TITLES
from portal.practice.queries import name_of

PAGE = 10
TOLD = f"""
SELECT a.id, a.subject, a.body, a.subject_es, a.body_es, a.audience, a.clinician AS clinician_id,
       {name_of("c")} AS clinician, a.may_reply, a.topic, a.author AS author_id, {name_of("s")} AS staff, a.written_at,
       a.total, a.done_at, told.sent, told.read
  FROM ({{}}) AS a JOIN staff_member AS s ON s.id = a.staff LEFT JOIN staff_member AS c ON c.id = a.clinician,
       LATERAL (SELECT count(*) AS sent, count(*) FILTER (WHERE EXISTS (
                       SELECT FROM thread_participant AS p WHERE p.thread = thread.id AND p.read_to > 0)) AS read
                  FROM thread WHERE thread.announcement = a.id) AS told
 ORDER BY a.id {{}}
"""
# What is not sent yet is its writer's alone.
OWN = "(total IS NOT NULL OR author = {})"


@dataclass(frozen=True)
class Announced:
    """`sent` and `read` count clients. `clinician` is whose clients get it."""

    id: int
    subject: str
    body: str
    subject_es: str
    body_es: str
    audience: str
    clinician_id: int | None
    clinician: str
    may_reply: bool
    topic: str
    author_id: int
    staff: str
    written_at: datetime
    total: int | None
    done_at: datetime | None
    sent: int
    read: int

    @property
    def is_draft(self) -> bool:
        return self.total is None

    @property
    def is_on_its_way(self) -> bool:
        return self.total is not None and self.done_at is None

    @property
    def about(self) -> object:
        return TITLES[Topic(self.topic)]

    @property
    def is_for_everybody(self) -> bool:
        return self.audience == Audience.EVERYBODY

    @property
    def texts(self) -> list[tuple[str, str, str]]:
        """(language, subject, text): English, and Spanish where there is one."""
        both = [("en", self.subject, self.body), ("es", self.subject_es, self.body_es)]
        return [one for one in both if one[2]]

    @property
    def seen(self) -> str:
        """Of what is looked at before it is sent: nothing else goes out."""
        told = (
            *(part for one in self.texts for part in one),
            self.audience,
            self.clinician_id,
            self.may_reply,
            self.topic,
        )
        return sha256(repr(told).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Listed:
    announcements: list[Announced]
    newer: int | None
    older: int | None


async def announcements(viewer: Viewer, *, before: int | None = None, after: int | None = None) -> Listed:
    """The newest first; `before` and `after` are ids."""
    viewer.must(Permission.MESSAGE_ANNOUNCE)
    way, beyond, edge = ("ASC", ">", after) if after else ("DESC", "<", before)
    page = f"SELECT * FROM announcement WHERE {OWN} AND ({{}}::bigint IS NULL OR id {beyond} {{}}) ORDER BY id {way}"
    rows = await fetch(TOLD.format(f"{page} LIMIT {PAGE + 1}", way), viewer.account_id, edge, edge)
    shown: Sequence[Announced] = [Announced(**row) for row in rows]
    found, has_newer, has_older = turned(shown, PAGE, is_begun=before is not None, is_backwards=after is not None)
    return Listed(found, found[0].id if found and has_newer else None, found[-1].id if found and has_older else None)


async def announcement(viewer: Viewer, announcement_id: int) -> Announced:
    viewer.must(Permission.MESSAGE_ANNOUNCE)
    sql = TOLD.format(f"SELECT * FROM announcement WHERE id = {{}} AND {OWN}", "")
    rows = await fetch(sql, announcement_id, viewer.account_id)
    if not rows:
        raise NotFoundException
    return Announced(**rows[0])


async def draft(viewer: Viewer, announcement_id: int) -> tuple[Announced, str]:
    """Of its writer, who has not sent it yet; and the key of its form."""
    found = await announcement(viewer, announcement_id)
    if not found.is_draft:
        raise NotFoundException
    rows = await fetch("SELECT key FROM announcement WHERE id = {}", announcement_id)
    return found, rows[0]["key"]
