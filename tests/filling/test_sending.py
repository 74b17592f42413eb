"""What was filled in is sent once, complete, as it was seen; and stays as it was."""

import json

import pytest
from asyncpg import RaiseError

from portal import clock
from portal.access import NotFoundException, Viewer
from portal.database import fetch, transaction
from portal.documents.actions import rows
from portal.documents.tables import Purpose
from portal.filling import answers
from portal.filling.actions import sending
from portal.refusal import Refused
from tests.cast import Cast
from tests.documents.test_sharing import happened, state_of
from tests.filling.steps import a_shared_form, drafted, maya, seen, submitted
from tests.library.files import a_form, line

INTAKE = a_form(line("full_name", TU="Full name", Ff=2), line("allergies", low=660, TU="Allergies"))
FULL = {"full_name": ["Maya Reyes"], "allergies": ["Nuts"]}


@pytest.fixture
async def document_id(cast: Cast) -> int:
    return await a_shared_form(cast, INTAKE)


async def test_what_was_sent_stands_there_with_an_item_an_event_and_the_order_for_its_copy(cast, document_id):
    await drafted(cast, document_id, FULL)
    sent = await submitted(cast, document_id)
    assert await state_of(document_id) == "with_practice" and (await happened(document_id))[-1] == "sent"
    assert answers.digest(answers.read(json.dumps(FULL))) == sent.answers_sha256 and sent.number == 1
    (item,) = await fetch("SELECT kind, subject_id, url, needs FROM review_item WHERE settled_at IS NULL")
    assert (item["kind"], item["subject_id"], item["url"]) == (
        "document.sent", document_id, f"/staff/submissions/{sent.id}",
    )  # fmt: skip
    events = [row["kind"] for row in await fetch("SELECT kind FROM event WHERE kind LIKE 'document%' ORDER BY id")]
    assert events == ["document.shared", "document.opened", "document.sent"]
    (errand,) = await fetch("SELECT subject_id FROM errand WHERE actor = {}", sending.ACTOR)
    assert errand["subject_id"] == sent.id
    (audited,) = await fetch("SELECT subject_id FROM audit_row WHERE act = 'document.sent'")
    assert audited["subject_id"] == document_id


async def test_what_must_be_filled_in_and_is_not_can_be_sent_by_nobody(cast, document_id):
    for given in ({}, {"allergies": ["Nuts"]}, {"full_name": []}):
        await fetch("DELETE FROM form_draft")
        await drafted(cast, document_id, given)
        with pytest.raises(Refused) as refused:
            await submitted(cast, document_id)
        assert refused.value is sending.NOT_WHOLE
    assert await state_of(document_id) == "opened" and not await fetch("SELECT id FROM form_submission")


async def test_what_was_changed_since_it_was_seen_is_looked_over_again(cast, document_id):
    await drafted(cast, document_id, FULL)
    before = await seen(document_id)
    await fetch("UPDATE form_draft SET answers = {}", json.dumps({"full_name": ["M."]}))
    with pytest.raises(Refused) as refused:
        await sending.submit(maya(cast), cast.client.id, document_id, before)
    assert refused.value is sending.CHANGED


async def test_it_is_sent_once(cast, document_id):
    await drafted(cast, document_id, FULL)
    await submitted(cast, document_id)
    with pytest.raises(Refused) as refused:
        await submitted(cast, document_id)
    assert refused.value is rows.NOT_ANY_MORE and len(await fetch("SELECT id FROM form_submission")) == 1


async def test_answers_to_what_nobody_asked_are_not_sent(cast, document_id):
    await drafted(cast, document_id, {**FULL, "diagnosis": ["none"]})
    sent = await submitted(cast, document_id)
    (row,) = await fetch("SELECT answers FROM form_submission WHERE id = {}", sent.id)
    assert answers.read(row["answers"]) == FULL


async def test_a_stranger_finds_nothing_to_send(cast, document_id):
    await drafted(cast, document_id, FULL)
    stranger = Viewer(account_id=cast.accounts["stranger"].id)
    with pytest.raises(NotFoundException):
        await sending.submit(stranger, cast.client.id, document_id, await seen(document_id))


async def test_after_its_last_day_it_is_not_sent_though_the_clock_has_not_come_to_it(cast, document_id):
    await drafted(cast, document_id, FULL)
    today = clock.today("America/New_York")
    await fetch("UPDATE document SET due_on = {}, ends_when_due = true", today)
    with clock.shifted(days=1), pytest.raises(Refused) as refused:
        await submitted(cast, document_id)
    assert refused.value is rows.NOT_ANY_MORE
    await fetch("UPDATE document SET ends_when_due = false")
    with clock.shifted(days=1):
        assert (await submitted(cast, document_id)).number == 1


async def test_what_is_only_read_is_not_sent(cast):
    document_id = await a_shared_form(cast, INTAKE, purpose=Purpose.READ)
    with pytest.raises(NotFoundException):
        await submitted(cast, document_id)
    assert await state_of(document_id) == "opened" and not await fetch("SELECT id FROM form_submission")


async def test_what_was_returned_and_is_sent_again_is_settled_no_more(cast, document_id):
    await drafted(cast, document_id, FULL)
    await submitted(cast, document_id)
    await fetch("UPDATE document SET state = 'returned', settled_at = now(), reason = 'The date is missing'")
    assert (await submitted(cast, document_id)).number == 2
    (row,) = await fetch("SELECT state, settled_at, reason FROM document WHERE id = {}", document_id)
    assert row == {"state": "with_practice", "settled_at": None, "reason": ""}


async def test_what_is_to_be_signed_is_not_sent_without_a_signature(cast):
    document_id = await a_shared_form(cast, INTAKE, purpose=Purpose.SIGN)
    await drafted(cast, document_id, FULL)
    with pytest.raises(RaiseError, match="without its signature"):
        await submitted(cast, document_id)
    assert await state_of(document_id) == "opened"


@pytest.mark.parametrize("change", ["UPDATE form_submission SET number = 2", "DELETE FROM form_submission"])
async def test_what_was_sent_stays_as_it_was(cast, document_id, change):
    await drafted(cast, document_id, FULL)
    await submitted(cast, document_id)
    with pytest.raises(RaiseError, match="neither changed nor deleted"):
        async with transaction():
            await fetch(change)


def test_the_same_answers_have_the_same_hash_whatever_their_order():
    one, other = {"b": ["2", "1"], "a": ["Zoë 李"]}, {"a": ["Zoë 李"], "b": ["2", "1"], "c": []}
    assert answers.canonical(one) == answers.canonical(other) == '{"a":["Zoë 李"],"b":["2","1"]}'
    assert answers.digest(one) != answers.digest({**one, "b": ["1", "2"]})
