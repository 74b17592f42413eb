"""What is filled in is kept part by part, and two who fill in at once lose nothing of each other's."""

import asyncio

import pytest

from portal import clock
from portal.access import NotFoundException, Viewer
from portal.database import fetch
from portal.documents.actions import rows, sharing
from portal.documents.tables import Purpose
from portal.filling.actions import saving
from portal.filling.actions.saving import mark
from portal.refusal import Refused
from tests.cast import Cast
from tests.documents.steps import shared
from tests.documents.test_sharing import happened, state_of
from tests.factories import TEST
from tests.filling.steps import answered, maya, submitted, with_client


@pytest.fixture
async def document_id(cast: Cast) -> int:
    return await with_client(cast)


async def save(cast: Cast, document_id: int, given, seen=None, viewer=None):
    """By a page that showed these answers."""
    known = {name: mark((seen or {}).get(name, ())) for name in given}
    return await saving.save(viewer or maya(cast), cast.client.id, document_id, given, known)


async def test_who_fills_in_has_opened_it_and_begun_once(cast, document_id):
    await save(cast, document_id, {"full_name": ["Maya"]})
    await save(cast, document_id, {"plate": ["ABC"]})
    assert await state_of(document_id) == "in_progress"
    assert await happened(document_id) == ["added", "shared", "opened", "started"]
    events = [row["kind"] for row in await fetch("SELECT kind FROM event WHERE kind LIKE 'document%' ORDER BY id")]
    assert events == ["document.shared", "document.opened", "document.started"]
    assert len(await fetch("SELECT id FROM audit_row WHERE act = 'document.started'")) == 1
    assert await answered(document_id) == {"full_name": ["Maya"], "plate": ["ABC"]}


async def test_each_save_is_a_version_and_one_that_changes_nothing_is_none(cast, document_id):
    with clock.shifted(hours=-1):
        first = await save(cast, document_id, {"full_name": ["Maya"]})
    again = await save(cast, document_id, {"full_name": ["Maya"]}, {"full_name": ["Maya"]})
    assert again.saved_at == first.saved_at
    await save(cast, document_id, {"full_name": []}, {"full_name": ["Maya"]})
    (row,) = await fetch("SELECT version, saved_by FROM form_draft")
    assert row == {"version": 2, "saved_by": cast.accounts["client"].id} and await answered(document_id) == {}


async def test_only_what_the_client_is_asked_is_kept(cast, document_id):
    await save(cast, document_id, {"office": ["9"], "signs": ["Maya"], "nonsense": ["x"], "plate": ["ABC"]})
    assert await answered(document_id) == {"plate": ["ABC"]}


async def test_two_devices_that_answer_different_questions_keep_both(cast, document_id):
    await save(cast, document_id, {"full_name": ["Maya"], "plate": []})
    before = {"full_name": ["Maya"]}
    await save(cast, document_id, {"full_name": ["Maya Reyes"], "plate": []}, before)
    told = await save(cast, document_id, {"full_name": ["Maya"], "plate": ["ABC"]}, before)
    assert not told.elsewhere and await answered(document_id) == {"full_name": ["Maya Reyes"], "plate": ["ABC"]}


async def test_an_older_page_does_not_take_the_place_of_a_newer_answer(cast, document_id):
    await save(cast, document_id, {"full_name": ["Maya R."]})
    told = await save(cast, document_id, {"full_name": ["M. Reyes"], "plate": ["ABC"]})
    assert told.elsewhere == {"full_name"} and told.answers["full_name"] == ["Maya R."]
    assert await answered(document_id) == {"full_name": ["Maya R."], "plate": ["ABC"]}
    told = await save(cast, document_id, {"full_name": ["M. Reyes"]}, told.answers)  # seen, it is meant
    assert not told.elsewhere and (await answered(document_id))["full_name"] == ["M. Reyes"]


@pytest.mark.parametrize(
    ("name", "first", "then", "is_kept"),
    [
        ("story", "I have", "I have not slept", True), ("story", "I have", "He has not slept", False),
        ("reach", "p", "m", False),
    ],
)  # fmt: skip
async def test_an_answer_that_was_lost_on_its_way_is_typed_on(cast, document_id, name, first, then, is_kept):
    await save(cast, document_id, {name: [first]})
    told = await save(cast, document_id, {name: [then]})
    assert bool(told.elsewhere) is not is_kept
    assert (await answered(document_id))[name] == [then if is_kept else first]


async def test_an_answer_that_was_taken_out_meanwhile_is_asked_about_only_where_the_page_changed_it(cast, document_id):
    before = {"full_name": ["Maya"]}
    await save(cast, document_id, before)
    await save(cast, document_id, {"full_name": []}, before)
    assert not (await save(cast, document_id, before, before)).elsewhere
    assert await answered(document_id) == {}


async def test_many_at_once_keep_what_each_has_answered(cast, document_id):
    names = ["full_name", "plate", "story", "pharmacy"]
    await asyncio.gather(*(save(cast, document_id, {name: [name[:7]]}) for name in names))
    assert await answered(document_id) == {name: [name[:7]] for name in names}
    assert await happened(document_id) == ["added", "shared", "opened", "started"]


async def test_one_answer_given_at_once_on_two_devices_is_one_of_them_and_the_other_is_told(cast, document_id):
    told = await asyncio.gather(*(save(cast, document_id, {"full_name": [name]}) for name in ("Ana", "Maya")))
    assert sorted(len(one.elsewhere) for one in told) == [0, 1]
    winner = next(one for one in told if not one.elsewhere)
    assert await answered(document_id) == winner.answers


async def test_saved_while_it_is_sent_it_is_in_what_was_sent_or_refused(cast):
    full = {"full_name": ["Maya"], "born": ["1991-04-17"], "agrees": ["Yes"]}
    for attempt in range(4):
        document_id = await with_client(cast, once=str(attempt))
        await save(cast, document_id, full)
        acts = [submitted(cast, document_id), save(cast, document_id, {"plate": ["ABC"]})]
        sent, saved = await asyncio.gather(*acts, return_exceptions=True)
        rows_ = await fetch("SELECT answers FROM form_submission WHERE document = {}", document_id)
        if isinstance(sent, Refused):  # it was changed since it was seen
            assert not rows_ and await answered(document_id) == {**full, "plate": ["ABC"]}
        else:
            assert saved is rows.NOT_ANY_MORE and await answered(document_id) == full


async def test_what_was_returned_is_in_progress_again_with_its_answers(cast, document_id):
    await save(cast, document_id, {"full_name": ["Maya"]})
    await fetch("UPDATE document SET state = 'returned', settled_at = now(), reason = 'Please add the year'")
    await save(cast, document_id, {"plate": ["ABC"]})
    (row,) = await fetch("SELECT state, reason FROM document WHERE id = {}", document_id)
    assert row == {"state": "in_progress", "reason": "Please add the year"}
    assert await answered(document_id) == {"full_name": ["Maya"], "plate": ["ABC"]}


@pytest.mark.parametrize("state", ["with_practice", "accepted", "declined", "expired"])
async def test_what_is_not_with_the_client_is_not_filled_in(cast, document_id, state):
    await fetch("UPDATE document SET state = {}", state)
    with pytest.raises(Refused) as refused:
        await save(cast, document_id, {"full_name": ["Maya"]})
    assert refused.value is rows.NOT_ANY_MORE and not await fetch("SELECT id FROM form_draft")
    assert await state_of(document_id) == state


async def test_after_its_last_day_nothing_more_is_kept(cast, document_id):
    await save(cast, document_id, {"full_name": ["Maya"]})
    await fetch("UPDATE document SET due_on = {}, ends_when_due = true", clock.today("America/New_York"))
    await save(cast, document_id, {"plate": ["ABC"]})
    with clock.shifted(days=1), pytest.raises(Refused) as refused:
        await save(cast, document_id, {"story": ["Late"]})
    assert refused.value is rows.NOT_ANY_MORE and "story" not in await answered(document_id)


async def test_taken_back_it_is_gone_and_what_was_filled_in_is_kept(cast, document_id):
    await save(cast, document_id, {"full_name": ["Maya"]})
    await sharing.withdraw(TEST, document_id, 4, "The wrong one")
    with pytest.raises(NotFoundException):
        await save(cast, document_id, {"full_name": ["M."]})
    assert await answered(document_id) == {"full_name": ["Maya"]}


async def test_nobody_else_fills_it_in(cast, document_id):
    for viewer in (Viewer(account_id=cast.accounts["stranger"].id), TEST, Viewer.nobody()):
        with pytest.raises(NotFoundException):
            await save(cast, document_id, {"full_name": ["Jonah"]}, viewer=viewer)
    theirs = await shared(cast.other.id, once="theirs")
    with pytest.raises(NotFoundException):
        await save(cast, theirs, {"full_name": ["Maya"]})
    assert not await fetch("SELECT id FROM form_draft") and await state_of(document_id) == "pending"


async def test_what_has_no_questions_is_not_filled_in(cast):
    sheet = await shared(cast.client.id, once="sheet")
    only_read = await with_client(cast, once="read", purpose=Purpose.READ)
    for one in (sheet, only_read):
        with pytest.raises(NotFoundException):
            await save(cast, one, {"full_name": ["Maya"]})
        assert await state_of(one) == "pending"
