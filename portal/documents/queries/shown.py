"""Documents as their client finds them: what was shared, and what is to be done with each."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from piccolo.querystring import QueryString

from portal.access import Area, NotFoundException, Viewer
from portal.database import fetch
from portal.documents import rules
from portal.documents.tables import DocumentState, Purpose
from portal.keyset import Place, turned
from portal.language import in_language
from portal.practice.queries import name_of

PAGE = 25
ALL, FORMS, DOCUMENTS, TO_SIGN, TO_DO = TABS = ("all", "forms", "documents", "to-sign", "to-do")
WAITS = "(d.state IN ('pending', 'in_progress', 'returned') OR d.state = 'opened' AND d.purpose <> 'read')"
OF_TAB = {
    ALL: "TRUE",
    FORMS: "d.kind = 'form'",
    DOCUMENTS: "d.kind = 'document'",
    TO_SIGN: f"(d.purpose = 'sign' AND {WAITS})",
    TO_DO: WAITS,
}
SEEN = "d.client = {} AND d.state = ANY({}::varchar[]) AND d.hidden_for = ''"
# A field that the client fills in before anything is signed: `Field.is_asked`, as the database asks it.
ASKED = '$[*] ? (@.by == "client" && @.kind != "signature" && @.kind != "initials")'
COLUMNS = f"""
(SELECT {name_of("s")} FROM staff_member AS s WHERE s.id = d.shared_by) AS shared_by,
d.id, d.client AS client_id, d.kind, d.purpose, d.state, d.title, d.title_es, d.note, d.name, d.media_type, d.size,
d.pages, d.key, d.thumbnail_key, d.preview_key, d.due_on, d.ends_when_due, d.shared_at, d.opened_at, d.sent_at,
d.settled_at, d.common_reason, d.reason, d.version,
coalesce((SELECT v.fields @? '{ASKED}' FROM form_version AS v WHERE v.id = d.form_version), false) AS asks,
(SELECT a.name FROM account AS a WHERE a.id = d.opened_by) AS opened_by
"""
COUNTS = ", ".join(f'count(*) FILTER (WHERE {one}) AS "{name}"' for name, one in OF_TAB.items())
LIST = f"""
SELECT counted.*, page.*
  FROM (SELECT {COUNTS} FROM document AS d WHERE {{seen}}) AS counted
  LEFT JOIN (SELECT {COLUMNS} FROM document AS d WHERE {{seen}} AND {{which}} AND {{{{}}}}
              ORDER BY d.shared_at {{way}}, d.id {{way}} LIMIT {PAGE + 1}) AS page ON TRUE
 ORDER BY page.shared_at {{way}}, page.id {{way}}
"""
PICTURE = """
SELECT p.key FROM form_page AS p JOIN document AS d ON d.form_version = p.version WHERE d.id = {} AND p.number = {}
"""
ONE = f"SELECT {COLUMNS} FROM document AS d WHERE d.id = {{}} AND {SEEN}"


@dataclass(frozen=True)
class Shown:
    """`asks` is whether there is something to fill in on it."""

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
    due_on: date | None
    ends_when_due: bool
    shared_at: datetime
    opened_at: datetime | None
    sent_at: datetime | None
    settled_at: datetime | None
    common_reason: str
    reason: str
    version: int
    asks: bool
    shared_by: str | None
    opened_by: str | None

    @property
    def called(self) -> str:
        """In the reader's language, as far as the practice wrote it."""
        return in_language(self.title, self.title_es)

    @property
    def standing(self) -> object:
        return rules.STATES[self.state]

    @property
    def waits(self) -> bool:
        return rules.waits_for_client(self.state, self.purpose)

    @property
    def pill(self) -> str:
        return rules.PILLS[self.state]

    @property
    def picture(self) -> tuple[str, str]:
        """The key and the type of what shows it; empty, where nothing does."""
        return rules.picture_of(self.media_type, self.key, self.preview_key)

    @property
    def is_paperwork(self) -> bool:
        """Whether there is more to do with it than to read it."""
        return self.purpose != Purpose.READ and self.waits

    @property
    def is_returned(self) -> bool:
        """Until it is sent again, however far it has come by then."""
        return self.state in (DocumentState.RETURNED, DocumentState.IN_PROGRESS) and bool(self.why)

    @property
    def why(self) -> str:
        """It was returned or declined."""
        return rules.why(self.common_reason, self.reason)

    @property
    def is_begun(self) -> bool:
        return self.state in (DocumentState.IN_PROGRESS, DocumentState.RETURNED)

    @property
    def is_sent(self) -> bool:
        return self.state in (DocumentState.WITH_PRACTICE, DocumentState.ACCEPTED)

    @property
    def is_new(self) -> bool:
        return self.state == DocumentState.PENDING

    @property
    def place(self) -> Place:
        return Place(self.shared_at, self.id)


@dataclass(frozen=True)
class Page:
    """`counts` are of every tab; edges are places of the list."""

    documents: list[Shown]
    counts: dict[str, int]
    newer: Place | None = None
    older: Place | None = None


async def listed(
    viewer: Viewer, client_id: int, tab: str = ALL, *, after: Place | None = None, before: Place | None = None
) -> Page:
    """The newest first."""
    viewer.must_act_for(client_id, Area.DOCUMENTS)
    is_backwards, edge = before is not None, after if before is None else before
    way, beyond = ("ASC", ">") if is_backwards else ("DESC", "<")
    at = QueryString(f"(d.shared_at, d.id) {beyond} ({{}}, {{}})", *edge) if edge else QueryString("TRUE")
    seen = client_id, [str(one) for one in rules.SEEN]
    rows = await fetch(LIST.format(seen=SEEN, which=OF_TAB[tab], way=way), *seen, *seen, at)
    counts = {name: rows[0][name] for name in TABS}
    found = [_shown(row) for row in rows if row["id"]]
    if not found and edge:
        return await listed(viewer, client_id, tab)
    page, has_newer, has_older = turned(found, PAGE, is_begun=after is not None, is_backwards=is_backwards)
    return Page(page, counts, page[0].place if has_newer else None, page[-1].place if has_older else None)


async def document(viewer: Viewer, client_id: int, document_id: int) -> Shown:
    """What is not shared, taken back, or kept back for a time, is not there."""
    viewer.must_act_for(client_id, Area.DOCUMENTS)
    rows = await fetch(ONE, document_id, client_id, [str(one) for one in rules.SEEN])
    if not rows:
        raise NotFoundException
    return _shown(rows[0])


async def page(viewer: Viewer, client_id: int, document_id: int, number: int) -> str:
    """The stored picture of a page of a form, where there is one: its key."""
    viewer.must_act_for(client_id, Area.DOCUMENTS)
    rows = await fetch(PICTURE, document_id, number)
    return str(rows[0]["key"]) if rows else ""


def _shown(row: dict[str, Any]) -> Shown:
    return Shown(**{name: row[name] for name in Shown.__dataclass_fields__})
