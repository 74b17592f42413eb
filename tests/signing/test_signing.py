"""A signature is one act with what it was given to; once, by who may, and never changed."""

import asyncio
from dataclasses import replace

import pytest
from asyncpg import CheckViolationError, RaiseError

from portal import clock, storage
from portal.access import Area, NotFoundException, Reach, Viewer
from portal.database import fetch, transaction
from portal.documents.actions import adding, opening, rows, sharing
from portal.documents.queries import kept
from portal.documents.tables import Purpose
from portal.documents.terms import Terms
from portal.filling import answers
from portal.filling.actions import sending
from portal.refusal import Refused
from portal.signing.actions import consenting, signing
from portal.signing.queries import asked
from tests.documents.test_sharing import happened, state_of
from tests.factories import TEST, a_grant, an_account
from tests.filling.steps import a_shared_form, maya
from tests.library.files import a_form, line
from tests.signing.acts import FULL, a_consent, a_mark, drawing, initials, signed, to_be_signed
from tests.uploads.files import a_pdf


async def rows_of(table: str) -> list[dict[str, object]]:
    return await fetch(f"SELECT * FROM {table} ORDER BY id")


@pytest.fixture
async def document_id(cast) -> int:
    return await to_be_signed(cast)


async def sign(cast, document_id: int, viewer: Viewer | None = None, **more: object) -> None:
    viewer = viewer or maya(cast)
    mark = await a_mark(viewer, cast.client.id, document_id, **more)  # type: ignore[arg-type]
    await signing.sign(viewer, cast.client.id, document_id, mark)


async def refused(cast, document_id: int, viewer: Viewer | None = None, **more: object) -> Refused:
    with pytest.raises(Refused) as refusal:
        await sign(cast, document_id, viewer, **more)
    assert await rows_of("form_signature") == [] and await rows_of("form_submission") == []
    return refusal.value


async def test_what_was_signed_stands_there_with_who_how_when_and_to_what(cast, document_id):
    viewer = maya(cast).on(address="203.0.113.9", time_zone="America/Chicago")
    consent = await a_consent(viewer)
    with clock.stopped():
        await sign(cast, document_id, viewer)
        now = clock.now()
    (sent,), (one,) = await rows_of("form_submission"), await rows_of("form_signature")
    assert (one["submission"], one["role"], one["account"], one["staff"]) == (
        sent["id"],
        "signer",
        viewer.account_id,
        None,
    )
    assert (one["signer"], one["relation"], one["how"], one["name"]) == ("Maya Reyes", "self", "typed", "Maya Reyes")
    assert (one["consent"], one["signed_at"], one["address"], one["agent"]) == (
        consent.id,
        now,
        "203.0.113.9",
        "Firefox",
    )
    assert (one["time_zone"], one["language"], one["image_key"]) == ("America/Chicago", "en", "")
    assert (
        one["intent"].startswith("I have read “Intake” and sign it electronically.")
        and one["button"] == "Sign and send"
    )
    assert one["authentication"].startswith("password")
    assert answers.read(sent["answers"]) == FULL and sent["answers_sha256"] == answers.digest(FULL)
    assert await state_of(document_id) == "with_practice"
    assert await happened(document_id) == ["added", "shared", "opened", "signed", "sent"]
    audited = [row["act"] for row in await fetch("SELECT act FROM audit_row WHERE subject_id = {}", document_id)]
    assert {"document.signed", "document.sent"} <= set(audited)
    assert len(await fetch("SELECT id FROM errand WHERE actor = {}", sending.ACTOR)) == 1
    assert len(await fetch("SELECT id FROM review_item WHERE kind = 'document.sent'")) == 1


async def test_how_somebody_came_in_is_told_by_their_session(cast, document_id):
    await a_consent(maya(cast))
    browser = await cast.browser("client")
    assert browser.token
    (session,) = await fetch("SELECT id, created_at FROM session WHERE account = {}", maya(cast).account_id)
    await sign(cast, document_id, maya(cast).on(session_id=session["id"]))
    (one,) = await rows_of("form_signature")
    assert one["authentication"] == f"password, {session['created_at']:%Y-%m-%d %H:%M:%S} UTC"
    assert one["session"] == session["id"]


async def test_a_drawing_is_kept_as_ink_and_the_typed_name_beside_it(cast, document_id):
    await a_consent(maya(cast))
    await sign(cast, document_id, drawing=drawing("#e6f0ee"))
    (one,) = await rows_of("form_signature")
    assert (one["how"], one["name"]) == ("drawn", "Maya Reyes")
    content = await storage.get(one["image_key"])
    assert content.startswith(b"\x89PNG") and len(content) < 200_000


@pytest.mark.parametrize("sent", [b"", b"no picture", b"\x89PNG\r\n\x1a\nhalf"])
async def test_what_is_no_drawing_is_refused_and_nothing_of_it_is_kept(cast, document_id, sent):
    await a_consent(maya(cast))
    before = [key async for key in storage.keys_in_store()]
    if sent:
        assert list((await refused(cast, document_id, drawing=sent)).sentences) == ["drawing"]
    else:
        empty = drawing("#00000000")
        assert "Draw your signature" in str((await refused(cast, document_id, drawing=empty)).sentences["drawing"])
    assert [key async for key in storage.keys_in_store()] == before


async def test_a_drawing_whose_signature_is_refused_does_not_stay(cast, document_id):
    before = [key async for key in storage.keys_in_store()]
    assert await refused(cast, document_id, drawing=drawing()) is signing.NO_CONSENT
    assert [key async for key in storage.keys_in_store()] == before


async def test_it_is_signed_once_however_often_it_is_pressed(cast, document_id):
    await a_consent(maya(cast))
    mark = await a_mark(maya(cast), cast.client.id, document_id)
    await asyncio.gather(*(signing.sign(maya(cast), cast.client.id, document_id, mark) for _ in range(6)))
    assert len(await rows_of("form_signature")) == len(await rows_of("form_submission")) == 1
    assert await happened(document_id) == ["added", "shared", "opened", "signed", "sent"]


async def test_of_two_parents_who_sign_at_once_one_has_signed(cast, document_id):
    viewers = [maya(cast)]
    for name in ("Ana", "Luis"):
        account = await an_account(f"{name}@example.com".lower(), name=f"{name} Reyes")
        reach = Reach(cast.client.id, "guardian", frozenset(str(area) for area in Area), cast.client.name, "Maya")
        viewers.append(Viewer(account_id=account.id, name=account.name, grants=(reach,)))
        await a_consent(viewers[-1])
    marks = [await a_mark(one, cast.client.id, document_id, one.name) for one in viewers[1:]]
    acts = [signing.sign(one, cast.client.id, document_id, mark) for one, mark in zip(viewers[1:], marks, strict=True)]
    outcomes = await asyncio.gather(*acts, return_exceptions=True)
    assert sorted(str(one is None) for one in outcomes) == ["False", "True"]
    assert [one for one in outcomes if one is not None] == [rows.NOT_ANY_MORE]
    (one,) = await rows_of("form_signature")
    assert one["relation"] == "guardian" and one["intent"].find("as parent or guardian of Maya Reyes") > 0


async def test_signing_and_taking_back_at_once_end_as_one_of_both(cast):
    for number in range(4):
        document_id = await to_be_signed(cast, once=f"race {number}")
        if not number:
            await a_consent(maya(cast))
        version = (await kept.document(TEST, document_id)).version
        mark = await a_mark(maya(cast), cast.client.id, document_id)
        outcomes = await asyncio.gather(
            signing.sign(maya(cast), cast.client.id, document_id, mark),
            sharing.withdraw(TEST, document_id, version, "The wrong one"),
            return_exceptions=True,
        )
        state = await state_of(document_id)
        many = len(await fetch("SELECT 1 FROM form_submission WHERE document = {}", document_id))
        assert (state, many) in (("with_practice", 1), ("withdrawn", 0)), outcomes
        assert sum(one is None for one in outcomes) == 1


async def test_who_takes_the_consent_back_meanwhile_has_not_signed(cast, document_id):
    await a_consent(maya(cast))
    await consenting.withdraw(maya(cast))
    assert await refused(cast, document_id) is signing.NO_CONSENT
    assert await state_of(document_id) == "opened"


async def test_what_has_changed_since_it_was_seen_is_looked_over_again(cast, document_id):
    await a_consent(maya(cast))
    mark = await a_mark(maya(cast), cast.client.id, document_id)
    for other in (replace(mark, seen="x"), replace(mark, meant="x")):
        with pytest.raises(Refused) as refusal:
            await signing.sign(maya(cast), cast.client.id, document_id, other)
        assert refusal.value is sending.CHANGED
    await fetch("UPDATE form_draft SET answers = {}", answers.canonical({"full_name": ["M."]}))
    with pytest.raises(Refused):
        await signing.sign(maya(cast), cast.client.id, document_id, mark)
    assert await rows_of("form_signature") == []


async def test_what_must_be_filled_in_and_is_not_cannot_be_signed(cast, document_id):
    await a_consent(maya(cast))
    await fetch("DELETE FROM form_draft")
    assert await refused(cast, document_id) is sending.NOT_WHOLE


async def test_what_was_never_opened_is_not_signed(cast):
    document_id = await adding.add_file(TEST, cast.client.id, "plan.pdf", a_pdf(), title="Plan", once="x")
    await sharing.share(TEST, document_id, 1, Terms(purpose=Purpose.SIGN))
    await a_consent(maya(cast))
    assert await refused(cast, document_id) is signing.NOT_OPENED
    await opening.opened(maya(cast), cast.client.id, document_id)
    await sign(cast, document_id)
    assert await state_of(document_id) == "with_practice"


async def test_what_is_only_to_be_read_or_filled_in_is_not_there_to_be_signed(cast):
    for purpose in (Purpose.READ, Purpose.FILL):
        document_id = await a_shared_form(cast, purpose=purpose, once=purpose)
        with pytest.raises(NotFoundException):
            await asked.asked(maya(cast), cast.client.id, document_id)


async def test_where_the_form_asks_for_initials_there_must_be_some(cast):
    fields = line("full_name", TU="Full name"), initials("one", Ff=2), initials("two", 300)
    document_id = await to_be_signed(cast, a_form(*fields))
    await a_consent(maya(cast))
    found = await asked.asked(maya(cast), cast.client.id, document_id)
    assert (found.initials, found.needs_initials) == ([1], True)
    assert await refused(cast, document_id) is signing.NO_INITIALS
    await sign(cast, document_id, initials="MR")
    assert [one["initials"] for one in await rows_of("form_signature")] == ["MR"]


@pytest.mark.parametrize("state", ["withdrawn", "expired", "declined", "accepted"])
async def test_what_is_over_cannot_be_signed_any_more(cast, document_id, state):
    await a_consent(maya(cast))
    mark = await a_mark(maya(cast), cast.client.id, document_id)
    await fetch("UPDATE document SET state = {} WHERE id = {}", state, document_id)
    with pytest.raises(NotFoundException if state == "withdrawn" else Refused):
        await signing.sign(maya(cast), cast.client.id, document_id, mark)
    assert await rows_of("form_signature") == []


async def test_nobody_else_signs_it(cast, document_id):
    mark = await a_mark(maya(cast), cast.client.id, document_id)
    stranger = Viewer(account_id=cast.accounts["stranger"].id, name="Jonah Whitfield")
    billing = Viewer(
        account_id=cast.accounts["guardian"].id, grants=(Reach(cast.client.id, "guardian", frozenset({Area.BILLING})),)
    )
    for viewer in (stranger, billing, TEST):
        with pytest.raises(NotFoundException):
            await signing.sign(viewer, cast.client.id, document_id, mark)
    await a_grant(cast.accounts["stranger"], cast.client, areas=["billing"])
    assert await rows_of("form_signature") == []


async def test_whoever_has_two_grants_signs_by_the_one_for_documents(cast, document_id):
    areas = frozenset(str(area) for area in Area)
    billing = Reach(cast.client.id, "guardian", frozenset({str(Area.BILLING)}), cast.client.name)
    viewer = maya(cast).on(grants=(billing, Reach(cast.client.id, "proxy", areas, cast.client.name)))
    await a_consent(viewer)
    await sign(cast, document_id, viewer)
    (one,) = await rows_of("form_signature")
    assert one["relation"] == "proxy" and "for Maya Reyes, for whom I may act" in str(one["intent"])


@pytest.mark.parametrize("change", ["UPDATE form_signature SET name = 'x'", "DELETE FROM form_signature"])
async def test_what_was_signed_stays_signed(cast, change):
    await signed(cast)
    with pytest.raises(RaiseError, match="neither changed nor deleted"):
        async with transaction():
            await fetch(change)


async def test_no_signature_of_a_client_stands_without_a_consent(cast):
    submission_id = await signed(cast)
    (one,) = await rows_of("form_signature")
    with pytest.raises(CheckViolationError, match="is_consented"):
        async with transaction():
            await fetch(
                "INSERT INTO form_signature (submission, role, account, signer, relation, how, name, intent, button,"
                " authentication, time_zone, language, signed_at) VALUES ({}, 'signer', {}, 'x', 'self', 'typed', 'x',"
                " 'x', 'x', 'x', 'UTC', 'en', now())",
                submission_id,
                one["account"],
            )
