"""What was sent, on the desk: the answers, who signed, accept or return, and somebody was quicker."""

import pytest

from portal.database import fetch
from portal.documents.actions.rows import NOT_ANY_MORE
from portal.signing.actions import declining, signing
from portal.signing.queries import sent as sendings
from tests.documents.pages import of_client, of_staff
from tests.documents.test_sharing import state_of
from tests.factories import TEST
from tests.filling.steps import maya
from tests.signing.acts import a_consent, a_mark, drawing, signed, to_be_signed
from tests.signing.test_deciding import for_the_practice

QUEUE = "/staff/review"


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
async def desk(cast, request):
    return await cast.browser("front_desk", htmx=request.param)


@pytest.fixture
async def submission_id(cast) -> int:
    return await signed(cast)


def here(submission_id: int, rest: str = "") -> str:
    return f"/staff/submissions/{submission_id}{rest}"


async def document_of(submission_id: int) -> int:
    return (await sendings.submission(TEST, submission_id)).document_id


async def test_it_is_found_in_the_queue_and_says_everything_that_was_sent(cast, desk, submission_id):
    page = await desk.get(QUEUE)
    assert here(submission_id) in page.links() and "Form or document from a client Intake" in page.words
    page = await desk.get(here(submission_id))
    for words in ("Intake", "Sent by Maya Reyes on", "Full name Maya Reyes", "Signed by Maya Reyes, for themselves",
                  "I have read “Intake” and sign it electronically."):  # fmt: skip
        assert words in page.words, words
    document_id = await document_of(submission_id)
    assert {of_staff(document_id, "file"), of_staff(document_id)} <= set(page.links())
    page = await desk.get(of_staff(document_id))
    assert of_staff(document_id, "submission") in page.links()
    page = await desk.get(of_staff(document_id, "submission"))
    assert page.path == here(submission_id)


async def test_it_is_accepted_and_the_client_reads_that(cast, desk, submission_id):
    page = await desk.get(here(submission_id))
    done = await desk.press(page, here(submission_id), decision="approve")
    assert done.path == QUEUE and "Accepted. It stands in the chart" in done.words
    document_id = await document_of(submission_id)
    assert await state_of(document_id) == "accepted"
    page = await desk.get(here(submission_id))
    assert "Accepted by Front_Desk Staff" in page.words and page.soup.select_one("#decide") is None
    client = await cast.browser("client")
    assert (await client.get(of_client(cast, document_id))).pills() == ["Accepted"]


async def test_it_is_returned_with_a_reason_that_the_client_reads(cast, desk, submission_id):
    page = await desk.get(here(submission_id))
    wrong = await desk.press(page, here(submission_id), decision="return")
    assert wrong.status == 422 and wrong.errors == {
        "reason": "Say what the client should do: choose a reason, or write one"
    }
    page = await desk.press(page, here(submission_id), decision="return", common_reason="unclear", reason="Which?")
    assert page.path == QUEUE and "Returned. The client reads why" in page.words
    page = await desk.get(of_staff(await document_of(submission_id)))
    assert "Please write it in other words. Which?" in page.words and page.pills() == ["Returned"]
    assert "Returned to the client" in page.words and "common:" not in page.text


async def test_the_practice_signs_where_the_form_has_a_place_for_it(cast, desk):
    submission_id = await for_the_practice(cast)
    page = await desk.get(here(submission_id))
    assert "I sign “Intake” electronically for Harbor Lane Counseling." in page.words
    number = page.soup.select_one("[id^=q-]")["id"]
    assert "Chart number" in page.soup.select_one(f"label[for={number}]").get_text()
    typed = {number: "x" * 501}
    wrong = await desk.press(page, here(submission_id), typed, decision="approve")
    assert wrong.status == 422 and sorted(wrong.errors) == ["agree", "name", number]
    typed = {number: "10001"}
    done = await desk.press(wrong, here(submission_id), typed, decision="approve", agree="yes", name="Priya Raman")
    assert done.path == QUEUE
    page = await desk.get(here(submission_id))
    assert "Chart number 10001" in page.words
    assert "Signed for the practice Signature Priya Raman Signed by Front_Desk Staff" in page.words
    assert await state_of(await document_of(submission_id)) == "accepted"


async def test_whoever_is_slower_reads_who_was_quicker_and_keeps_what_was_typed(cast, desk, submission_id):
    lead = await cast.browser("supervisor")
    first, second = await desk.get(here(submission_id)), await lead.get(here(submission_id))
    await desk.press(first, here(submission_id), decision="approve")
    typed = {"_csrf_token": lead.token, "decision": "return", "reason": "Which school?", "version": "5"}
    assert second.status == 200
    late = await lead.post(here(submission_id), **typed)
    assert late.status == 409 and "Somebody was quicker" in late.words and "Which school?" in late.words
    assert "Accepted by Front_Desk Staff" in late.words
    assert await state_of(await document_of(submission_id)) == "accepted"


async def test_a_drawn_signature_is_looked_at(cast, desk):
    document_id = await to_be_signed(cast)
    await a_consent(maya(cast))
    mark = await a_mark(maya(cast), cast.client.id, document_id, drawing=drawing())
    await signing.sign(maya(cast), cast.client.id, document_id, mark)
    submission_id = await sendings.last_of(TEST, document_id)
    page = await desk.get(here(submission_id))
    picture = page.soup.select_one("img[src$=signature]")
    assert picture["alt"] == "The signature as it was drawn"
    answer = await desk.get(picture["src"])
    assert answer.headers["content-type"] == "image/png" and answer.response.content.startswith(b"\x89PNG")
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_where_it_was_typed_there_is_no_picture(cast, desk, submission_id):
    assert (await desk.get(here(submission_id, "/signature"))).status == 404


async def test_what_was_sent_before_is_read_and_leads_to_the_last(cast, desk, submission_id):
    document_id = await document_of(submission_id)
    page = await desk.get(here(submission_id))
    await desk.press(page, here(submission_id), decision="return", common_reason="call")
    mark = await a_mark(maya(cast), cast.client.id, document_id)
    await signing.sign(maya(cast), cast.client.id, document_id, mark)
    last = await sendings.last_of(TEST, document_id)
    page = await desk.get(here(submission_id))
    assert "It was sent again since." in page.words and here(last) in page.links()
    assert page.soup.select_one("#decide") is None
    late = await desk.post(here(submission_id), decision="approve", version="9")
    assert late.status == 409 and await state_of(document_id) == "with_practice"
    page = await desk.get(here(last))
    assert "sent 2 times:" in page.words and page.soup.select_one("#decide") is not None
    assert (await desk.get(of_staff(document_id, "submission"))).path == here(last)


async def test_who_says_no_is_looked_at_and_that_is_all(cast, desk):
    document_id = await to_be_signed(cast)
    await declining.decline(maya(cast), cast.client.id, document_id, "questions", "What is section 3?")
    address = of_staff(document_id, "declining")
    assert address in (await desk.get(QUEUE)).links()
    page = await desk.get(address)
    assert "I have questions about it first. What is section 3?" in page.words
    done = await desk.press(page, address, decision="seen")
    assert done.path == QUEUE and not await fetch("SELECT 1 FROM review_item WHERE settled_at IS NULL")
    late = await desk.post(address, decision="seen")
    assert late.status == 409
    page = await desk.get(of_staff(document_id))
    assert "Why it was declined" in page.words and "What is section 3?" in page.words


async def test_what_is_with_the_practice_is_not_signed_by_another(cast, submission_id):
    assert str(NOT_ANY_MORE.sentences[""]).startswith("That cannot be done any more")
    client = await cast.browser("client")
    address = of_client(cast, f"{await document_of(submission_id)}/signature")
    answer = await client.post(address, agree="yes", name="Somebody", seen="x", meant="x")
    assert answer.status == 422 and len(await fetch("SELECT 1 FROM form_signature")) == 1
