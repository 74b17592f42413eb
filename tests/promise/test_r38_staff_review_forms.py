"""R38: staff are notified of a form that was sent, look at it, and accept it or return it with a reason."""

import pytest

from tests.promise.conftest import press
from tests.promise.documents import LIST, MAYA, PRIYA, put
from tests.promise.signing import agree, arrive, number_in, sign, to_sign
from tests.uploads.files import a_pdf

# As the practice may choose; otherwise the front desk reads of it in the morning.
AT_ONCE = """
INSERT INTO staff_notice (kind, audience, timing) VALUES ('document.sent', 'front_desk', 'at_once')
    ON CONFLICT (kind) DO UPDATE SET audience = excluded.audience, timing = excluded.timing
"""
BOTH = pytest.mark.parametrize("scripts", [False, True])


def signed(portal, desk, phone, title: str) -> str:
    """A file that Maya has signed and sent; returns the number of the document."""
    arrive(desk, PRIYA)
    put(desk, title, "plan.pdf", a_pdf())
    to_sign(desk, title)
    document = number_in(desk.url)
    arrive(phone)
    sign_it(portal, phone, document)
    return document


def sign_it(portal, phone, document: str) -> None:
    phone.goto(f"{LIST}/{document}")
    act = phone.get_by_role("button", name="Sign", exact=True).or_(phone.get_by_role("link", name="Continue"))
    press(act)
    if phone.locator("h1").inner_text() == "Electronic records":
        agree(portal, phone)
    sign(phone)


@BOTH
def test_it_waits_in_the_queue_a_letter_tells_of_it_and_it_is_accepted(portal, opened, scripts):
    portal.sql(AT_ONCE)
    title, before = f"To be accepted, {scripts}", len(portal.letters(PRIYA))
    desk, phone = opened(scripts=scripts, width=1280), opened(scripts=scripts)
    document = signed(portal, desk, phone, title)
    letter = portal.letter(PRIYA, beside=before)
    assert title not in letter and "/staff/review" in letter
    desk.goto("/staff/review")
    press(desk.locator(".queue a", has_text=title))
    said = desk.locator("#submission").inner_text()
    assert "Maya Reyes" in said and f"I have read “{title}” and sign it electronically." in said
    before = len(portal.letters(MAYA))
    press(desk.get_by_role("button", name="Accept and open next"))
    assert "Accepted. It stands in the chart" in desk.content()
    answer = portal.letter(MAYA, beside=before)
    assert title not in answer and f"{LIST}/{document}" in answer
    phone.goto(f"{LIST}/{document}")
    assert phone.locator("h1 ~ .pill").inner_text().strip() == "Accepted"
    desk.goto("/staff/review/decided")
    assert title in desk.content()


@BOTH
def test_it_is_returned_with_a_reason_signed_again_and_signed_for_the_practice(portal, opened, scripts):
    title = f"To be returned, {scripts}"
    desk, phone = opened(scripts=scripts, width=1280), opened(scripts=scripts)
    document = signed(portal, desk, phone, title)
    desk.goto(f"/staff/documents/{document}/submission")
    desk.locator("#decide summary", has_text="Return").click()
    press(desk.get_by_role("button", name="Return to the client"))
    assert "choose a reason, or write one" in desk.locator("#errors").inner_text()
    desk.get_by_label("Common reasons").select_option("outdated")
    desk.get_by_label("Reason, sent to the client").fill("The date is last year's.")
    press(desk.get_by_role("button", name="Return to the client"))
    phone.goto(f"{LIST}/{document}")
    assert phone.locator("h1 ~ .pill").inner_text().strip() == "Returned"
    assert "bring it up to date. The date is last year's." in phone.content()
    sign_it(portal, phone, document)
    desk.goto(f"/staff/documents/{document}/submission")
    assert "sent 2 times" in desk.locator("#submission").inner_text()
    desk.locator("#decide summary", has_text="Sign for the practice as well").click()
    desk.get_by_label("I sign “").check()
    desk.get_by_label("Your full name").fill("Priya Raman")
    press(desk.get_by_role("button", name="Accept and open next"))
    desk.goto(f"/staff/documents/{document}/submission")
    assert "Signed for the practice" in desk.locator("#submission").inner_text()
    assert portal.sql(
        f"SELECT role FROM form_signature AS s JOIN form_submission AS f ON f.id = s.submission"
        f" WHERE f.document = {document} ORDER BY s.id"
    ).splitlines() == ["signer", "signer", "practice"]
