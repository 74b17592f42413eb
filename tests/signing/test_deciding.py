"""What was sent is taken into the record or given back, by one member of the staff, as it was seen."""

import asyncio

import pytest

from portal.access import NotFoundException
from portal.database import fetch
from portal.filling import answers
from portal.filling.actions import sending
from portal.filling.kinds import SENT
from portal.library.fields import By
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.review.queries import items
from portal.signing import words
from portal.signing.actions import deciding, signing
from portal.signing.marks import Mark
from portal.signing.queries import sent as sendings
from tests.documents.test_sharing import happened, state_of
from tests.factories import TEST
from tests.filling.steps import maya
from tests.library.files import a_form, line
from tests.signing.acts import a_consent, a_mark, of_staff, signed, to_be_signed

OFFICE = a_form(
    line("full_name", TU="Full name"), line("chart", low=660, TU="Chart number"), line("sign", low=600, TU="Signature"),
    line("countersign", low=560, TU="Signature of the clinician"),
)  # fmt: skip


@pytest.fixture
async def submission_id(cast) -> int:
    return await signed(cast)


async def for_the_practice(cast) -> int:
    """A form with two fields that are the practice's, signed by its client."""
    document_id = await to_be_signed(cast, OFFICE, once="office", by={"chart": By.PRACTICE, "countersign": By.PRACTICE})
    await a_consent(maya(cast))
    await signing.sign(maya(cast), cast.client.id, document_id, await a_mark(maya(cast), cast.client.id, document_id))
    return int((await fetch("SELECT max(id) AS id FROM form_submission"))[0]["id"])


async def version_of(cast, submission_id: int) -> int:
    return (await sendings.submission(TEST, submission_id)).version


async def for_them(title: str = "Intake") -> Mark:
    sentence = words.intent_of_the_practice(title, (await practices.practice(TEST)).name)
    return Mark("Priya Raman", meant=words.meant(sentence))


async def errands() -> list[str]:
    rows = await fetch("SELECT dedupe_key FROM errand WHERE actor = {} ORDER BY id", sending.ACTOR)
    return [row["dedupe_key"] for row in rows]


async def test_what_is_accepted_stands_in_the_chart_and_is_settled(cast, submission_id):
    desk = await of_staff(cast)
    await deciding.accept(desk, submission_id, await version_of(cast, submission_id), {}, None)
    one = await sendings.submission(desk, submission_id)
    assert one.state == "accepted" and one.accepted_by == "Front_Desk Staff" and not one.waits
    assert (await happened(one.document_id))[-2:] == ["sent", "accepted"]
    item = await items.item_of(desk, SENT.name, one.document_id)
    assert item.is_settled and item.outcome == "Accepted"
    assert len(await fetch("SELECT id FROM event WHERE kind = 'document.accepted'")) == 1
    assert await errands() == [f"complete:{submission_id}:sent"]  # nothing was added: there is no second copy


async def test_what_the_practice_adds_and_signs_stands_beside_it_and_has_a_copy_of_its_own(cast):
    submission_id = await for_the_practice(cast)
    desk, version = await of_staff(cast), await version_of(cast, submission_id)
    given = {"chart": ["10001"], "full_name": ["Somebody else"], "nothing": ["x"]}
    with pytest.raises(Refused) as refused:
        await deciding.accept(desk, submission_id, version, given, None)
    assert refused.value is deciding.MUST_SIGN
    await deciding.accept(desk, submission_id, version, given, await for_them())
    one = await sendings.submission(desk, submission_id)
    assert one.own == {"chart": ["10001"]} and one.answers == {"full_name": ["Maya Reyes"]}
    (row,) = await fetch("SELECT answers_sha256 FROM form_acceptance")
    assert row["answers_sha256"] == answers.digest({"chart": ["10001"]})
    mine, theirs = one.signatures
    assert (mine.role, theirs.role, theirs.name, theirs.relation) == ("signer", "practice", "Priya Raman", "front_desk")
    assert theirs.intent == "I sign “Intake” electronically for Harbor Lane Counseling. My name is my signature, and" \
        " counts as much as one on paper."  # fmt: skip
    assert (await happened(one.document_id))[-3:] == ["sent", "countersigned", "accepted"]
    assert await errands() == [f"complete:{submission_id}:sent", f"complete:{submission_id}:accepted"]


async def test_whoever_wishes_signs_what_has_no_place_for_it(cast, submission_id):
    desk = await of_staff(cast)
    await deciding.accept(desk, submission_id, await version_of(cast, submission_id), {}, await for_them())
    assert [one.role for one in (await sendings.submission(desk, submission_id)).signatures] == ["signer", "practice"]
    assert len(await errands()) == 2


async def test_to_other_words_than_stood_there_nobody_signs(cast, submission_id):
    with pytest.raises(Refused) as refused:
        await deciding.accept(
            await of_staff(cast), submission_id, await version_of(cast, submission_id), {}, Mark("Priya", meant="x")
        )
    assert refused.value is sending.CHANGED and not await fetch("SELECT id FROM form_acceptance")


async def test_what_is_returned_keeps_its_answers_and_may_be_signed_again(cast, submission_id):
    desk = await of_staff(cast)
    before = await sendings.submission(desk, submission_id)
    await deciding.give_back(desk, submission_id, before.version, "unclear", "Which school?")
    assert await state_of(before.document_id) == "returned"
    item = await items.item_of(desk, SENT.name, before.document_id)
    assert item.outcome == "Returned to the client" and item.reason.endswith(
        "Please write it in other words. Which school?"
    )
    assert await fetch("SELECT answers FROM form_draft") != []
    mark = await a_mark(maya(cast), cast.client.id, before.document_id)
    await signing.sign(maya(cast), cast.client.id, before.document_id, mark)
    last = await sendings.last_of(desk, before.document_id)
    again, first = await sendings.submission(desk, last), await sendings.submission(desk, submission_id)
    assert (again.number, again.is_last, again.waits) == (2, True, True)
    assert (first.is_last, first.waits, len(first.sendings)) == (False, False, 2)
    assert not (await items.item_of(desk, SENT.name, before.document_id)).is_settled
    with pytest.raises(Stale):
        await deciding.accept(desk, submission_id, again.version, {}, None)


async def test_a_reason_is_needed(cast, submission_id):
    with pytest.raises(Refused):
        await deciding.give_back(await of_staff(cast), submission_id, await version_of(cast, submission_id), "", "")
    assert (await sendings.submission(TEST, submission_id)).waits


async def test_of_several_who_decide_at_once_one_does(cast, submission_id):
    desk, lead = await of_staff(cast), await of_staff(cast, "supervisor")
    version = await version_of(cast, submission_id)
    outcomes = await asyncio.gather(
        deciding.accept(desk, submission_id, version, {}, await for_them()),
        deciding.accept(lead, submission_id, version, {}, None),
        deciding.give_back(desk, submission_id, version, "call", ""),
        deciding.accept(desk, submission_id, version, {}, None),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "Stale", "Stale", "Stale"]
    assert len(await fetch("SELECT 1 FROM event WHERE kind IN ('document.accepted', 'document.returned')")) == 1


async def test_only_staff_who_reach_the_chart_decide(cast, submission_id):
    version = await version_of(cast, submission_id)
    for viewer in (maya(cast), await of_staff(cast, "biller"), await of_staff(cast, "auditor")):
        with pytest.raises(NotFoundException):
            await sendings.submission(viewer, submission_id)
        with pytest.raises(NotFoundException):
            await deciding.accept(viewer, submission_id, version, {}, None)
        with pytest.raises(NotFoundException):
            await deciding.give_back(viewer, submission_id, version, "call", "")
    assert (await sendings.submission(TEST, submission_id)).waits
