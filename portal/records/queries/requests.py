"""Requests for records, as their client and as staff find them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from piccolo.querystring import QueryString

from portal.access import Area, NotFoundException, Permission, Viewer
from portal.clients import queries as clients
from portal.database import fetch
from portal.documents.tables import Document
from portal.language import in_language
from portal.practice.queries import name_of
from portal.records import rules
from portal.records.tables import RecordRequest, RequestState

MOST = 50
FIELDS = f"""
SELECT record_request.id, record_request.client AS client_id, wanted, words, first_day, last_day, way, asked_at, due_on,
       longer_why, state, answer, ground, answered_at, version, {name_of("m")} AS answered_by,
       {name_of("n")} AS noted_by, a.name AS asked_by
  FROM record_request LEFT JOIN staff_member AS m ON m.id = answered_by
       LEFT JOIN staff_member AS n ON n.id = noted_by LEFT JOIN account AS a ON a.id = asked_by
"""
LIST = FIELDS + f" WHERE record_request.client = {{}} ORDER BY record_request.id DESC LIMIT {MOST}"
ONE = FIELDS + " WHERE record_request.id = {} AND {}"
# What a client may still find: what was taken back since is not there.
ANSWERS = """
SELECT d.id, d.title, d.title_es FROM record_answer AS r JOIN document AS d ON d.id = r.document
 WHERE r.request = {} AND d.state NOT IN ('not_shared', 'withdrawn') AND d.hidden_for = '' ORDER BY r.id
"""
CHOICES = """
SELECT id, title, state FROM document
 WHERE client = {} AND (state IN ('not_shared', 'withdrawn') AND form_version IS NULL
       OR state IN ('accepted', 'opened', 'pending') AND hidden_for = '') AND {}
 ORDER BY added_at DESC, id DESC LIMIT 50
"""
TOLD = """
SELECT r.client FROM record_request AS r WHERE r.id = {} AND r.state <> 'withdrawn' AND NOT EXISTS (
       SELECT FROM record_answer AS a WHERE a.request = r.id AND a.is_new)
"""


@dataclass(frozen=True)
class Asked:
    id: int
    client_id: int
    wanted: list[str]
    words: str
    first_day: date | None
    last_day: date | None
    way: str
    asked_at: datetime
    due_on: date
    longer_why: str
    state: str
    answer: str
    ground: str
    answered_at: datetime | None
    version: int
    answered_by: str
    noted_by: str
    asked_by: str | None

    @property
    def kinds(self) -> list[object]:
        return [said for name, said in rules.WANTED.items() if name in self.wanted]

    @property
    def standing(self) -> object:
        return rules.STATES[self.state]

    @property
    def pill(self) -> str:
        return rules.PILLS.get(self.state, "")

    @property
    def is_open(self) -> bool:
        return self.state == RequestState.OPEN

    @property
    def is_looked_at_again(self) -> bool:
        return self.ground in rules.REVIEWED


class Answer(NamedTuple):
    id: int
    title: str
    title_es: str

    @property
    def called(self) -> str:
        return in_language(self.title, self.title_es)


class Choice(NamedTuple):
    id: int
    title: str
    state: str


async def of_client(viewer: Viewer, client_id: int) -> list[Asked]:
    """The newest first."""
    viewer.must_act_for(client_id, Area.DOCUMENTS)
    return [Asked(**row) for row in await fetch(LIST, client_id)]


async def request(viewer: Viewer, client_id: int, request_id: int) -> Asked:
    viewer.must_act_for(client_id, Area.DOCUMENTS)
    rows = await fetch(ONE, request_id, QueryString("record_request.client = {}", client_id))
    if not rows:
        raise NotFoundException
    return Asked(**rows[0])


async def of_chart(viewer: Viewer, client_id: int) -> list[Asked]:
    viewer.must(Permission.DOCUMENT_SHARE)
    await clients.client(viewer, client_id)
    return [Asked(**row) for row in await fetch(LIST, client_id)]


async def staff_request(viewer: Viewer, request_id: int) -> Asked:
    viewer.must(Permission.DOCUMENT_SHARE)
    rows = await fetch(ONE, request_id, viewer.reaches(RecordRequest).querystring)
    if not rows:
        raise NotFoundException
    return Asked(**rows[0])


async def answers(viewer: Viewer, one: Asked) -> list[Answer]:
    """The documents that answered a request which the viewer has found."""
    return [Answer(**row) for row in await fetch(ANSWERS, one.id)]


async def choices(viewer: Viewer, client_id: int) -> list[Choice]:
    """What could answer it: files that wait in the chart, and what is shared already; the newest."""
    viewer.must(Permission.DOCUMENT_SHARE)
    rows = await fetch(CHOICES, client_id, viewer.reaches(Document).querystring)
    return [Choice(**row) for row in rows]


async def told(viewer: Viewer, request_id: int) -> int | None:
    """The client whose request was answered or put off; nobody, where documents were shared that say so themselves."""
    viewer.must(Permission.DOCUMENT_SHARE)
    found = await fetch(TOLD, request_id)
    return found[0]["client"] if found else None
