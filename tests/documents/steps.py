"""Papers in charts, and what is done with them."""

from datetime import UTC, datetime
from pathlib import Path

from portal import clock
from portal.access import Viewer
from portal.documents.actions import adding, sharing
from portal.documents.queries import kept
from portal.documents.terms import Terms
from portal.library.tables import FormKind, FormVersion, PracticeForm
from tests.factories import TEST

SHEET = Path(__file__).with_name("sheet.pdf")


async def a_form(kind: FormKind = FormKind.SHEET, title: str = "Our office", fields: str = "[]", **more: object) -> int:
    """One that is in use, without a file behind it."""
    form = PracticeForm(kind=kind, title=title, made_at=clock.now(), **more)
    await form.save()
    await FormVersion(
        form=form.id, number=1, name="office.pdf", size=4, sha256=b"x" * 32, pages=1, key="none", made_at=clock.now(),
        published_at=clock.now(), fields=fields,
    ).save()  # fmt: skip
    return int(form.id)


async def a_document(client_id: int, form_id: int | None = None, *, once: str = "one", viewer: Viewer = TEST) -> int:
    """In the chart, and not shared."""
    return await adding.add_form(viewer, client_id, form_id or await a_form(), once=once)


async def shared(client_id: int, form_id: int | None = None, *, once: str = "one", **terms: object) -> int:
    document_id = await a_document(client_id, form_id, once=once)
    found = await kept.document(TEST, document_id)
    await sharing.share(TEST, document_id, found.version, Terms(**{"purpose": found.purpose, **terms}))  # type: ignore[arg-type]
    return document_id


def on(day: int) -> datetime:
    return datetime(2026, 12, day, 12, tzinfo=UTC)
