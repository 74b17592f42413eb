"""A version in use stays as it is, for whoever it was sent to; drafts and files come and go whole."""

import asyncio

import pytest
from asyncpg import RaiseError

from portal import storage
from portal.access import NotFoundException, Role, Viewer
from portal.database import fetch
from portal.documents.actions import adding as sharing
from portal.documents.queries import kept
from portal.library import queries
from portal.library.actions import adding, keeping
from portal.library.actions.adding import Words
from portal.library.fields import By
from portal.refusal import Refused
from tests.factories import TEST
from tests.library.files import an_intake, line
from tests.library.steps import INTAKE, a_draft, a_form, a_sheet, published, the_fields
from tests.uploads.clamd import pretended


async def stored() -> set[str]:
    return {key async for key in storage.keys_in_store()}


@pytest.fixture(autouse=True)
async def an_empty_store(db: str) -> None:
    for key in await stored():
        await storage.delete(key)


async def test_what_was_sent_stays_what_it_was(cast):
    form_id = await a_form()
    first = await kept.document(TEST, await sharing.add_form(TEST, cast.client.id, form_id, once="one"))
    assert (first.kind, first.purpose, first.title_es) == ("form", "fill", "Admisión")
    await adding.add_version(TEST, form_id, "again.pdf", an_intake(line("f4", low=500)))
    same = await kept.document(TEST, await sharing.add_form(TEST, cast.client.id, form_id, once="two"))
    assert same.form_version_id == first.form_version_id, "a draft is shared with nobody"
    await published(form_id, 2)
    new = await kept.document(TEST, await sharing.add_form(TEST, cast.client.id, form_id, once="three"))
    assert new.form_version_id != first.form_version_id and new.name == "again.pdf"
    assert (await kept.document(TEST, first.id)).key == first.key and await storage.exists(first.key)
    assert len(await the_fields(form_id, 1)) == 3 and len(await the_fields(form_id, 2)) == 4


async def test_what_is_a_draft_or_retired_is_not_shared(cast):
    draft, retired = await a_draft(), await a_sheet()
    await keeping.retire(TEST, retired)
    for form_id in (draft, retired):
        with pytest.raises(NotFoundException):
            await sharing.add_form(TEST, cast.client.id, form_id, once="one")
    await keeping.retire(TEST, retired, is_used=True)
    found = await kept.document(TEST, await sharing.add_form(TEST, cast.client.id, retired, once="one"))
    assert (found.kind, found.purpose, found.pages) == ("document", "read", 1)


async def test_where_nothing_is_for_the_client_to_fill_in_it_is_read(cast):
    form_id = await a_draft()
    await published(form_id, by=By.PRACTICE)
    found = await kept.document(TEST, await sharing.add_form(TEST, cast.client.id, form_id, once="one"))
    assert (found.kind, found.purpose) == ("document", "read")


async def test_the_database_itself_keeps_a_version_in_use(db):
    await a_form()
    for sql in (
        "UPDATE form_version SET fields = '[]'",
        "DELETE FROM form_page",
        "UPDATE form_page SET key = ''",
        "INSERT INTO form_page (version, number, key) SELECT id, 7, '' FROM form_version",
        "DELETE FROM form_version",
    ):
        with pytest.raises(RaiseError):
            await fetch(sql)


async def test_the_same_that_is_sent_twice_is_one_form_and_leaves_nothing_behind(db):
    content = an_intake()
    sent = [adding.add(TEST, INTAKE, "intake.pdf", content) for _ in range(2)]
    assert await asyncio.gather(*sent) == [(1, 1), (1, 1)]
    assert len(await queries.forms(TEST)) == 1 and len(await stored()) == 3
    await adding.add(TEST, Words("Another"), "intake.pdf", content)
    assert len(await queries.forms(TEST)) == 2


async def test_two_new_versions_at_once_are_one_and_a_refusal(db):
    form_id = await a_form()
    before = await stored()
    sent = [adding.add_version(TEST, form_id, "b.pdf", an_intake(line(f"f{one}", low=400))) for one in range(2)]
    told = await asyncio.gather(*sent, return_exceptions=True)
    assert {type(one) for one in told} == {int, Refused}
    assert len(await stored() - before) == 3


async def test_one_of_two_who_publish_is_stale(db):
    form_id = await a_draft()
    told = await asyncio.gather(*(published(form_id) for _ in range(2)), return_exceptions=True)
    assert sum(one is None for one in told) == 1
    rows = await fetch("SELECT act FROM audit_row WHERE act = 'form.published'")
    assert len(rows) == 1


async def test_every_change_is_in_the_audit_and_nothing_follows_from_it(db):
    form_id = await a_form()
    await adding.add_version(TEST, form_id, "b.pdf", an_intake())
    one = await queries.form(TEST, form_id)
    await keeping.describe(TEST, form_id, one.version, Words("Other"))
    await keeping.discard(TEST, form_id, 2, one.version + 1)
    await keeping.retire(TEST, form_id)
    await keeping.retire(TEST, form_id, is_used=True)
    acts = await fetch("SELECT act FROM audit_row WHERE subject_id = {} AND act LIKE 'form.%' ORDER BY id", form_id)
    assert [row["act"] for row in acts] == [
        "form.added", "form.version_added", "form.reviewed", "form.published", "form.version_added",
        "form.described", "form.draft_deleted", "form.retired", "form.brought_back",
    ]  # fmt: skip
    assert not await fetch("SELECT FROM event")


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.CLINICIAN, Role.BILLER, Role.AUDITOR])
async def test_who_keeps_no_forms_reads_and_changes_none(db, role):
    form_id = await a_draft()
    viewer = Viewer(account_id=1, staff_id=1, role=role)
    for refused in (
        queries.forms(viewer), queries.form(viewer, form_id), queries.versions(viewer, form_id),
        queries.version(viewer, form_id, 1), adding.add(viewer, INTAKE, "a.pdf", an_intake()),
        adding.add_version(viewer, form_id, "a.pdf", an_intake()), keeping.describe(viewer, form_id, 1, INTAKE),
        keeping.review(viewer, form_id, 1, 1, []), keeping.discard(viewer, form_id, 1, 1),
        keeping.retire(viewer, form_id),
    ):  # fmt: skip
        with pytest.raises(NotFoundException):
            await refused


async def test_a_file_with_a_virus_is_not_kept(db, monkeypatch):
    from portal.settings import settings

    async def found(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\0\0\0\0")
        writer.write(b"stream: Canary FOUND\0")
        await writer.drain()

    async with pretended(found) as url:
        monkeypatch.setenv("CLAMD_URL", url)
        settings.cache_clear()
        try:
            with pytest.raises(Refused) as refused:
                await a_draft()
        finally:
            monkeypatch.undo()
            settings.cache_clear()
    assert "virus" in str(refused.value.sentences["file"]) and not await stored()
