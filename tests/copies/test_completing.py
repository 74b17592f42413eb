"""Every sending gets its copy, once: with its step, its event and its row of the audit."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from asyncpg import RaiseError
from pikepdf import Name

from portal import language, outbox, storage
from portal.access import Viewer
from portal.copies.actions import checking
from portal.database import fetch, transaction
from portal.documents.actions import adding, opening, sharing
from portal.documents.terms import Terms
from portal.library import queries
from portal.library.actions import keeping
from portal.library.fields import By
from tasks.actors import complete as actor
from tests.cast import Cast
from tests.copies.steps import completed
from tests.documents.steps import shared
from tests.documents.test_sharing import happened
from tests.factories import TEST
from tests.filling.steps import a_shared_form, drafted, maya, submitted
from tests.library.files import a_form, box, line, widget
from tests.library.steps import a_draft
from tests.papers.steps import words_of
from tests.signing.steps import TO_SIGN, a_form_to_sign, accepted, signed
from tests.tasks.post import work_through
from tests.uploads.files import a_pdf
from tests.uploads.pictures import a_photo

INTAKE = a_form(line("full_name", TU="Full name"), box("agree", TU="I agree"))
GIVEN = {"full_name": ["Zoë Núñez"], "agree": ["Yes"]}
CONSENT = a_form(line("full_name", TU="Full name"), widget("sign", Name.Sig, 72, 300, 200, 40))
CHECKER = Viewer.portal("test")


@pytest.fixture
async def sent(cast: Cast):
    document_id = await a_shared_form(cast, INTAKE)
    await drafted(cast, document_id, GIVEN)
    return await submitted(cast, document_id)


async def faults(*document_ids: int) -> list[str]:
    return [said async for one in checking.check(CHECKER, document_ids) for said in one.faults]


async def errands(state: str) -> int:
    return (await fetch("SELECT count(*) AS n FROM errand WHERE actor = 'complete' AND state::text = {}", state))[0][
        "n"
    ]


async def test_a_copy_stands_there_with_its_step_its_event_and_its_row_of_the_audit(sent, tmp_path):
    pdf = await completed(sent.id)
    said = words_of(pdf, tmp_path)
    for words in (
        "Responses",
        "Zoë Núñez",
        "Full name",
        "Record",
        "Maya Reyes, maya@example.com",
        "Opened by the client",
    ):
        assert words in said, words
    for digest in (sent.answers_sha256, sent.blank_sha256, sent.fields_sha256):
        assert digest.hex() in said
    (row,) = await fetch("SELECT kind, size, pages, sha256 FROM completed_copy")
    with pikepdf.open(BytesIO(pdf)) as file:
        assert (row["kind"], row["size"], row["pages"]) == ("sent", len(pdf), len(file.pages))
    assert (await happened(int(sent.document)))[-1] == "completed"
    (event,) = await fetch("SELECT subject_id FROM event WHERE kind = 'document.completed'")
    (audited,) = await fetch("SELECT actor FROM audit_row WHERE act = 'document.completed'")
    assert event["subject_id"] == sent.document and audited["actor"] == "portal: copies"
    assert await faults() == [] and await errands("done") == 1


async def test_its_place_in_the_chain_of_the_audit_stands_on_it(sent, tmp_path):
    said = words_of(await completed(sent.id), tmp_path)
    (row,) = await fetch("SELECT seal_number, seal FROM audit_row WHERE act = 'document.sent'")
    assert f"Row {row['seal_number']} of the audit" in said and row["seal"].hex() in said


async def test_until_it_is_made_nothing_says_that_it_is(sent):
    assert not await fetch("SELECT id FROM completed_copy") and "completed" not in await happened(int(sent.document))
    assert await faults() == []


async def test_asked_for_twice_it_is_made_once(sent):
    await outbox.send_on("complete", sent.id, "complete:again")
    await asyncio.gather(work_through("complete"), work_through("complete"))
    await work_through("complete")
    assert len(await fetch("SELECT id FROM completed_copy")) == 1 and await errands("done") == 2
    assert (await happened(int(sent.document))).count("completed") == 1
    named = {row["key"] for row in await fetch("SELECT key FROM completed_copy UNION SELECT key FROM document")}
    known = {row["key"] for row in await fetch("SELECT key FROM form_page UNION SELECT thumbnail_key FROM form_version"
                                               " UNION SELECT preview_key FROM form_version")}  # fmt: skip
    stored = {key async for key in storage.keys_in_store()}
    assert {key for key in named if await storage.exists(key)} == named and stored >= named - known


async def test_a_signature_its_words_and_the_consent_stand_on_it(cast, tmp_path):
    document_id = await a_form_to_sign(cast, CONSENT)
    await drafted(cast, document_id, {"full_name": ["Maya Reyes"]})
    sent = await signed(cast, document_id)
    said = words_of(await completed(sent.id), tmp_path)
    for words in ("Maya Reyes, for themselves", "I have read this document and I sign it.", "Sign and send",
                  "Typed name", "Consent to electronic records",
                  "I agree to receive and to sign records electronically.",
                  "203.0.113.7", "Eastern Time", "Signed electronically"):  # fmt: skip
        assert words in said, words
    assert await faults() == []


async def test_what_the_practice_adds_makes_a_second_copy_and_the_first_stays(cast, tmp_path):
    content = a_form(
        line("full_name", TU="Full name"), widget("sign", Name.Sig, 72, 300, 200, 40), line("seen_by", low=100)
    )
    form_id = await a_draft(content, TO_SIGN)
    one, (_, asked) = await queries.form(TEST, form_id), await queries.version(TEST, form_id, 1)
    ours = [replace(field, by=By.PRACTICE, label="Seen by") if field.name == "seen_by" else field for field in asked]
    await keeping.review(TEST, form_id, 1, one.version, ours, is_final=True)
    document_id = await shared(cast.client.id, form_id, purpose="sign")
    await opening.opened(maya(cast), cast.client.id, document_id)
    await drafted(cast, document_id, {"full_name": ["Maya Reyes"]})
    sent = await signed(cast, document_id)
    first = await completed(sent.id)
    await accepted(cast, sent.id, {"seen_by": ["Dr. Okafor"], "full_name": ["Somebody else"]}, "Ngozi Okafor")
    await outbox.send_on("complete", sent.id, f"complete:{sent.id}:accepted")
    second = words_of(await completed(sent.id, "accepted"), tmp_path)
    assert "Dr. Okafor" in second and "Signature for the practice" in second and "Somebody else" not in second
    assert "Seen by" not in words_of(first, tmp_path)
    assert len(await fetch("SELECT id FROM completed_copy")) == 2 and await faults() == []


async def test_accepted_before_the_first_is_made_both_are_made(cast):
    document_id = await a_form_to_sign(cast, CONSENT)
    await drafted(cast, document_id, {"full_name": ["Maya Reyes"]})
    sent = await signed(cast, document_id)
    await accepted(cast, sent.id, {}, "Ngozi Okafor")
    await work_through("complete")
    kinds = [row["kind"] for row in await fetch("SELECT kind FROM completed_copy ORDER BY id")]
    assert kinds == ["sent", "accepted"] and await errands("done") == 1


@pytest.mark.parametrize("name", ["photo.jpg", "notes.txt", "plan.pdf"])
async def test_a_file_of_the_chart_is_shown_or_named_with_its_fingerprint(cast, tmp_path, name):
    content = {"photo.jpg": a_photo(), "notes.txt": b"Three things to try.", "plan.pdf": a_pdf(pages=2)}[name]
    document_id = await adding.add_file(TEST, cast.client.id, name, content, title="A file", once="one")
    await sharing.share(TEST, document_id, 1, Terms(purpose="sign"))
    await opening.opened(maya(cast), cast.client.id, document_id)
    sent = await signed(cast, document_id)
    pdf = await completed(sent.id)
    with pikepdf.open(BytesIO(pdf)) as file:
        pictures = [one for page in file.pages for one in page.get_images()]
        assert bool(pictures) == (name == "photo.jpg") and len(file.pages) >= (3 if name == "plan.pdf" else 1)
    assert sent.blank_sha256.hex() in words_of(pdf, tmp_path) and await faults() == []


async def test_a_spanish_reader_gets_a_spanish_record(cast, tmp_path):
    document_id = await a_shared_form(cast, INTAKE)
    await drafted(cast, document_id, GIVEN)
    with language.speaking("es"):
        sent = await submitted(cast, document_id)
    said = words_of(await completed(sent.id), tmp_path)
    assert "Respuestas" in said and "Admisión" in said and "Responses" not in said and "Record" not in said


async def test_of_a_file_that_was_changed_in_the_store_no_copy_is_made_and_staff_hear_of_it(sent, monkeypatch):
    async def another(key: str) -> bytes:
        return a_pdf()

    monkeypatch.setattr("portal.copies.making.storage.get", another)
    for _ in range(actor.MOST_TRIES):
        await fetch("UPDATE errand SET due_at = now() WHERE state = 'queued'")
        await work_through("complete")
    assert not await fetch("SELECT id FROM completed_copy") and await errands("dead") == 1
    kinds = [row["kind"] for row in await fetch("SELECT kind FROM review_item ORDER BY id")]
    assert kinds[-1] == "errand.dead" or "errand" in kinds[-1]


async def test_a_copy_that_stands_is_neither_changed_nor_deleted(sent):
    await completed(sent.id)
    for change in ("UPDATE completed_copy SET pages = 9", "DELETE FROM completed_copy"):
        with pytest.raises(RaiseError, match="neither changed nor deleted"):
            async with transaction():
                await fetch(change)


async def test_a_copy_is_not_noted_without_its_errand(sent):
    """Whoever has lost it to another leaves neither a row nor a file."""
    before = {key async for key in storage.keys_in_store()}
    (errand,) = await outbox.claim("somebody", timedelta(minutes=1), 1, ["complete"])
    await fetch("UPDATE errand SET lease_by = 'another'")
    with pytest.raises(outbox.LeaseLost):
        await actor.make(errand)
    assert not await fetch("SELECT id FROM completed_copy")
    assert {key async for key in storage.keys_in_store()} == before


# What was changed behind the portal's back ---------------------------------------------------------------------------


CHANGES = {
    "answers": "UPDATE form_submission SET answers = '{\"full_name\": [\"Somebody\"]}'",
    "hash too": "UPDATE form_submission SET answers = '{\"a\": [\"b\"]}', answers_sha256 = sha256('{\"a\":[\"b\"]}')",
    "fields": "UPDATE form_version SET fields = '[]'",
    "seal": "UPDATE completed_copy SET seal = sha256('x')",
    "file": "UPDATE completed_copy SET sha256 = sha256('x')",
    "blank": "UPDATE form_submission SET blank_sha256 = sha256('x')",
    "audit": "DELETE FROM audit_row WHERE act = 'document.sent'",
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
async def test_what_was_changed_behind_its_back_is_found(sent, what):
    await completed(sent.id)
    assert await faults(int(sent.document)) == []
    table = CHANGES[what].split()[1 if CHANGES[what].startswith("UPDATE") else 2]
    await fetch(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        await fetch(CHANGES[what].replace("{", "{{").replace("}", "}}"))
    finally:
        await fetch(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    assert await faults(int(sent.document))


async def test_who_was_named_as_signer_is_found_to_be_another(cast):
    document_id = await a_form_to_sign(cast, CONSENT)
    await drafted(cast, document_id, {"full_name": ["Maya Reyes"]})
    await completed((await signed(cast, document_id)).id)
    await fetch("ALTER TABLE form_signature DISABLE TRIGGER USER")
    try:
        await fetch("UPDATE form_signature SET name = 'Jonah Whitfield'")
        assert any("signatures" in one for one in await faults())
        await fetch("UPDATE form_signature SET name = 'Maya Reyes'")
        assert await faults() == []
    finally:
        await fetch("ALTER TABLE form_signature ENABLE TRIGGER USER")
