"""Documents of a chart as staff keep them, and what happened to each."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from piccolo.querystring import QueryString

from portal.access import NotFoundException, Permission, Viewer
from portal.clients import queries as clients
from portal.database import fetch
from portal.documents import rules
from portal.documents.rules import AS_PORTAL
from portal.documents.tables import Document, DocumentKind, DocumentState, Purpose
from portal.keyset import Place, turned
from portal.practice.queries import name_of

PAGE = 25
FIELDS = f"""
SELECT document.id, document.client AS client_id, document.kind, document.purpose, document.state, document.title,
       document.title_es, document.note, document.name, document.media_type, document.size, document.pages,
       document.key, document.thumbnail_key, document.preview_key, document.hidden_for, document.due_on,
       document.ends_when_due, document.added_at, document.shared_at, document.opened_at, document.sent_at,
       document.settled_at, document.common_reason, document.reason, document.version,
       document.form_version AS form_version_id,
       {name_of("s")} AS shared_by, {name_of("m")} AS added_by
  FROM document LEFT JOIN staff_member AS s ON s.id = document.shared_by
       LEFT JOIN staff_member AS m ON m.id = document.added_by
"""
LIST = (
    FIELDS + " WHERE document.client = {{}} AND {{}} ORDER BY document.added_at {way}, document.id {way} LIMIT {many}"
)
ONE = FIELDS + " WHERE document.id = {} AND {}"
STEPS = "SELECT happened_at, step, actor, detail FROM document_step WHERE document = {} ORDER BY id"


@dataclass(frozen=True)
class Kept:
    id: int
    client_id: int
    kind: str
    purpose: str
    state: str
    title: str
    title_es: str
    note: str
    name: str
    media_type: str
    size: int
    pages: int | None
    key: str
    thumbnail_key: str
    preview_key: str
    hidden_for: str
    due_on: date | None
    ends_when_due: bool
    added_at: datetime
    added_by: str
    shared_at: datetime | None
    shared_by: str
    opened_at: datetime | None
    sent_at: datetime | None
    settled_at: datetime | None
    common_reason: str
    reason: str
    version: int
    form_version_id: int | None

    @property
    def standing(self) -> object:
        return rules.STATES[self.state]

    @property
    def pill(self) -> str:
        return rules.PILLS.get(self.state, "")

    @property
    def picture(self) -> tuple[str, str]:
        return rules.picture_of(self.media_type, self.key, self.preview_key)

    @property
    def why(self) -> str:
        """It was returned or declined."""
        return rules.why(self.common_reason, self.reason)

    @property
    def is_shared(self) -> bool:
        return self.state not in (DocumentState.NOT_SHARED, DocumentState.WITHDRAWN)

    @property
    def shares(self) -> str:
        """What it is for when it is not to be signed."""
        return Purpose.FILL if self.kind == DocumentKind.FORM else Purpose.READ

    @property
    def is_signed(self) -> bool:
        return self.purpose == Purpose.SIGN

    @property
    def waits(self) -> bool:
        return rules.waits_for_client(self.state, self.purpose)

    @property
    def is_kept_back(self) -> bool:
        return self.is_shared and bool(self.hidden_for)

    @property
    def may_be_shared(self) -> bool:
        return rules.may_follow(self.state, DocumentState.PENDING)

    @property
    def may_be_withdrawn(self) -> bool:
        return rules.may_follow(self.state, DocumentState.WITHDRAWN)

    @property
    def place(self) -> Place:
        return Place(self.added_at, self.id)


@dataclass(frozen=True)
class Page:
    documents: list[Kept]
    newer: Place | None = None
    older: Place | None = None


@dataclass(frozen=True)
class Step:
    happened_at: datetime
    step: str
    actor: str
    detail: str

    @property
    def by(self) -> str:
        """A person; what the clock did has nobody."""
        return "" if self.actor.startswith(AS_PORTAL) else self.actor


async def of_chart(
    viewer: Viewer, client_id: int, *, after: Place | None = None, before: Place | None = None, size: int = PAGE
) -> Page:
    """The newest first."""
    viewer.must(Permission.DOCUMENT_SHARE)
    await clients.client(viewer, client_id)
    is_backwards, edge = before is not None, after if before is None else before
    way, beyond = ("ASC", ">") if is_backwards else ("DESC", "<")
    at = QueryString(f"(document.added_at, document.id) {beyond} ({{}}, {{}})", *edge) if edge else QueryString("TRUE")
    rows = [_kept(row) for row in await fetch(LIST.format(way=way, many=size + 1), client_id, at)]
    if not rows and edge:
        return await of_chart(viewer, client_id, size=size)
    page, has_newer, has_older = turned(rows, size, is_begun=after is not None, is_backwards=is_backwards)
    return Page(page, page[0].place if has_newer else None, page[-1].place if has_older else None)


async def document(viewer: Viewer, document_id: int) -> Kept:
    viewer.must(Permission.DOCUMENT_SHARE)
    rows = await fetch(ONE, document_id, viewer.reaches(Document).querystring)
    if not rows:
        raise NotFoundException
    return _kept(rows[0])


async def steps(viewer: Viewer, document_id: int) -> list[Step]:
    """What happened to it, in order."""
    await document(viewer, document_id)
    return [Step(**row) for row in await fetch(STEPS, document_id)]


async def told(viewer: Viewer, document_id: int, state: str = DocumentState.PENDING) -> int | None:
    """The client, while it stands like that: nobody, once it has gone on, was taken back or is kept back."""
    viewer.must(Permission.DOCUMENT_SHARE)
    found = await fetch(
        "SELECT client FROM document WHERE id = {} AND state = {} AND hidden_for = ''", document_id, str(state)
    )
    return found[0]["client"] if found else None


def _kept(row: dict[str, Any]) -> Kept:
    return Kept(**{name: row[name] for name in Kept.__dataclass_fields__})
