"""R11: a client keeps their insurance, with photos of the card."""

from tests.promise.conftest import press, sign_in
from tests.promise.steps import CLIENT, attach, open_edit, section, send


def test_a_second_insurance_comes_with_both_photos_of_its_card(phone):
    sign_in(phone, "maya.reyes@example.com")
    open_edit(phone, "insurance")
    press(phone.get_by_role("button", name="Add an insurance"))
    new = phone.locator("fieldset.entry").last
    new.get_by_label("Which insurance is it?").select_option("Secondary")
    new.get_by_label("Insurance company").fill("Chesapeake Mutual")
    new.get_by_label("Who is the policy holder?").select_option("The client")
    attach(phone, "Photo of the card, front", "front")
    attach(phone, "Photo of the card, back", "back")
    send(phone)
    assert phone.locator("#errors a").all_inner_texts() == ["Enter the member ID from the card"]
    new = phone.locator("fieldset.entry").last
    assert new.locator("img").count() == 2, "a photo that was sent once is not asked for again"
    new.get_by_label("Member ID").fill("CM 0099 4410")
    send(phone)
    told = section(phone, "insurance").inner_text()
    assert "Chesapeake Mutual" in told and "CM 0099 4410" in told and "With the practice" in told
    link = phone.get_by_role("link", name="Open the photo").first
    answer = phone.request.get(str(link.get_attribute("href")))
    assert answer.ok and answer.headers["content-type"] == "image/jpeg" and answer.body()[:2] == b"\xff\xd8"
    assert answer.headers["cache-control"] == "no-store"


def test_a_photo_is_nobody_elses(phone):
    """Daniel Karim is a father of two other clients."""
    sign_in(phone, "daniel.karim@example.com")
    assert phone.request.get(f"{CLIENT}/photos/1").status == 404


def test_what_is_no_photo_is_refused_and_the_rest_stays(phone):
    sign_in(phone, "maya.reyes@example.com")
    open_edit(phone, "insurance")
    phone.get_by_label("Plan").first.fill("Kept Plan")
    phone.locator("input[type=file]").first.set_input_files(
        {"name": "card.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.7 no photo"}
    )
    send(phone)
    assert phone.locator("#errors a").count() == 1
    assert phone.get_by_label("Plan").first.input_value() == "Kept Plan"


def test_two_policies_of_a_kind_do_not_overlap(phone):
    sign_in(phone, "maya.reyes@example.com")
    open_edit(phone, "insurance")
    phone.get_by_label("Which insurance is it?").last.select_option("Primary")
    send(phone)
    assert "Two policies of the same kind overlap" in phone.locator("#errors").inner_text()
    phone.goto(f"{CLIENT}/insurance")
    press(phone.get_by_role("button", name="Take back this change"))
    assert "Chesapeake Mutual" not in section(phone, "insurance").inner_text()
