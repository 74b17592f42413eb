"""Staff put a paper into a client's chart: a file of their own, or a form of the practice."""

from portal import clock, storage
from portal.access import NotFoundException, Permission, Viewer
from portal.clients import queries as clients
from portal.clients import record
from portal.database import fetch, transaction
from portal.documents.actions import steps
from portal.documents.tables import Document, DocumentKind, Purpose
from portal.language import lazy
from portal.library.tables import FormKind
from portal.refusal import Refused
from portal.uploads import Unfit, cleaned, scanner

IN_USE = """
SELECT v.id, v.name, v.size, v.sha256, v.key, v.thumbnail_key, v.preview_key, v.pages, f.kind, f.title, f.title_es,
       f.is_signed
  FROM practice_form AS f JOIN LATERAL (
    SELECT * FROM form_version WHERE form = f.id AND published_at IS NOT NULL ORDER BY number DESC LIMIT 1) AS v ON true
 WHERE f.id = {} AND f.is_active
"""
COPIED = ("name", "size", "sha256", "key", "thumbnail_key", "preview_key", "pages", "title", "title_es")


async def add_file(viewer: Viewer, client_id: int, filename: str, content: bytes, *, title: str, once: str) -> int:
    """Not shared yet; sent again it is the same one. Raises `Refused` for `file` and `title`.

    Not inside a transaction: it takes its time.
    """
    await _must_reach(viewer, client_id)
    if not title:
        raise Refused(title=lazy("Say what it is: clients read that"))
    if found := await _sent_before(client_id, once):
        return found
    try:
        made = await cleaned(filename, content)
        await scanner.must_be_clean(made.content)
    except Unfit as unfit:
        raise Refused(file=unfit.sentence) from unfit
    stored = await storage.put(made.content)
    thumbnail, preview = [(await storage.put(one)).key if one else "" for one in (made.thumbnail, made.preview)]
    try:
        async with transaction():
            await record.lock(viewer, client_id)
            if found := await _sent_before(client_id, once):
                raise _Again(found)
            row = Document(
                client=client_id, kind=DocumentKind.DOCUMENT, title=title, name=made.name, media_type=made.media_type,
                size=len(made.content), sha256=stored.sha256, pages=made.pages, key=stored.key, once=once,
                added_by=viewer.staff_id, added_at=clock.now(), thumbnail_key=thumbnail, preview_key=preview,
            )  # fmt: skip
            await row.save()
            await steps.note(viewer, row, "added")
    except _Again as again:
        for key in filter(None, (stored.key, thumbnail, preview)):
            await storage.delete(key)  # no row has ever named it
        return again.document_id
    return int(row.id)


async def add_form(viewer: Viewer, client_id: int, form_id: int, *, once: str) -> int:
    """The version that is in use now, whatever becomes of the form later. Not shared yet."""
    await _must_reach(viewer, client_id)
    async with transaction():
        await record.lock(viewer, client_id)
        if found := await _sent_before(client_id, once):
            return found
        rows = await fetch(IN_USE, form_id)
        if not rows:
            raise NotFoundException
        of = rows[0]
        is_sheet = of["kind"] == FormKind.SHEET
        row = Document(
            client=client_id, form_version=of["id"], media_type="application/pdf", once=once,
            kind=DocumentKind.DOCUMENT if is_sheet else DocumentKind.FORM,
            purpose=Purpose.SIGN if of["is_signed"] else Purpose.READ if is_sheet else Purpose.FILL,
            added_by=viewer.staff_id, added_at=clock.now(), **{name: of[name] for name in COPIED},
        )  # fmt: skip
        await row.save()
        await steps.note(viewer, row, "added")
    return int(row.id)


class _Again(Exception):
    def __init__(self, document_id: int) -> None:
        self.document_id = document_id


async def _must_reach(viewer: Viewer, client_id: int) -> None:
    viewer.must(Permission.DOCUMENT_SHARE)
    await clients.client(viewer, client_id)


async def _sent_before(client_id: int, once: str) -> int | None:
    rows = await fetch("SELECT id FROM document WHERE client = {} AND once = {}", client_id, once)
    return int(rows[0]["id"]) if rows else None
