"""R36: a client signs, having agreed to electronic records once; by typing or drawing, or says no with a reason."""

import re

import pytest

from tests.promise.conftest import press
from tests.promise.documents import LIST, PRIYA, put
from tests.promise.signing import END, agree, arrive, number_in, sign, to_sign
from tests.promise.steps import focused
from tests.uploads.files import a_pdf

BOTH = pytest.mark.parametrize("scripts", [False, True])
FORM = "Consent to treatment"


def shared_to_sign(desk, title: str) -> str:
    arrive(desk, PRIYA)
    put(desk, title, "plan.pdf", a_pdf(pages=2))
    to_sign(desk, title)
    return number_in(desk.url)


@BOTH
def test_the_first_signature_asks_for_the_consent_and_then_goes_on(portal, opened, scripts):
    portal.sql(END)
    document = shared_to_sign(opened(scripts=scripts, width=1280), f"Our agreement, {scripts}")
    phone = opened(scripts=scripts)
    arrive(phone)
    phone.goto(f"{LIST}/{document}")
    press(phone.get_by_role("button", name="Open this document"))
    phone.locator("#preview").wait_for()
    phone.goto(f"{LIST}/{document}")
    press(phone.get_by_role("link", name="Sign", exact=True))
    assert phone.locator("h1").inner_text() == "Electronic records"
    press(phone.get_by_role("button", name="Agree", exact=True))
    assert "Type the code that stands in the PDF" in phone.locator("#errors").inner_text()
    agree(portal, phone)
    phone.locator("h1", has_text=f"Sign: Our agreement, {scripts}").wait_for()
    press(phone.get_by_role("button", name="Sign and send"))
    assert phone.locator("#errors li").count() == 2
    sign(phone)
    told = portal.sql(
        f"SELECT s.how, s.name, s.relation, s.intent FROM form_signature AS s JOIN form_submission AS f"
        f" ON f.id = s.submission WHERE f.document = {document}"
    )
    assert told.startswith("typed|Maya Reyes|self|I have read “Our agreement")
    phone.goto(f"{LIST}?tab=to-sign")
    assert f"Our agreement, {scripts}" not in phone.content()
    document = shared_to_sign(opened(width=1280), f"Another one, {scripts}")
    phone.goto(f"{LIST}/{document}")
    press(phone.get_by_role("button", name="Sign", exact=True))
    phone.locator("h1", has_text="Sign: Another one").wait_for()  # agreed to once, it is not asked for again


def test_a_signature_is_drawn_and_outlives_a_refusal(portal, opened):
    document = shared_to_sign(opened(width=1280), "Drawn by hand")
    phone = opened(scripts=True)
    arrive(phone)
    phone.goto(f"{LIST}/{document}/signature")
    if phone.locator("h1").inner_text() != "Electronic records":
        press(phone.get_by_role("button", name="Open this document"))
        phone.goto(f"{LIST}/{document}/signature")
    if phone.locator("h1").inner_text() == "Electronic records":
        agree(portal, phone)
    phone.get_by_label("I draw it with a finger").check()
    press(phone.get_by_role("button", name="Sign and send"))
    assert "Draw your signature in the box" in phone.locator("#errors").inner_text()
    draw(phone)
    press(phone.get_by_role("button", name="Sign and send"))
    assert "Draw your signature" not in phone.locator("#errors").inner_text()
    assert phone.get_by_label("I draw it with a finger").is_checked()
    phone.wait_for_function(INK)
    sign(phone)
    told = portal.sql(
        f"SELECT s.how, length(s.image_sha256) FROM form_signature AS s JOIN form_submission AS f"
        f" ON f.id = s.submission WHERE f.document = {document}"
    )
    assert told == "drawn|32"


INK = """() => {
  const box = document.getElementById("drawing"), pen = box.getContext("2d");
  const all = pen.getImageData(0, 0, box.width, box.height).data;
  return all.some((level, place) => place % 4 === 3 && level > 200);
}"""


def draw(page) -> None:
    box = page.locator("#drawing")
    box.scroll_into_view_if_needed()
    place = box.bounding_box()
    page.mouse.move(place["x"] + 40, place["y"] + 60)
    page.mouse.down()
    for step in range(30):
        page.mouse.move(place["x"] + 40 + 7 * step, place["y"] + 60 + (20 if step % 2 else -20))
    page.mouse.up()


def test_a_box_that_was_cleared_is_empty(portal, opened):
    document = shared_to_sign(opened(width=1280), "Cleared")
    phone = opened(scripts=True)
    arrive(phone)
    phone.goto(f"{LIST}/{document}")
    press(phone.get_by_role("button", name="Sign", exact=True))
    if phone.locator("h1").inner_text() == "Electronic records":
        agree(portal, phone)
    phone.get_by_label("I draw it with a finger").check()
    draw(phone)
    assert phone.evaluate(INK)
    phone.get_by_role("button", name="Clear the box").click()
    assert not phone.evaluate(INK) and phone.locator("#pad-told").input_value() == ""
    phone.get_by_label("My typed name").check()
    assert not phone.locator("#drawing").is_visible()


@BOTH
def test_who_says_no_says_why_and_the_practice_knows(portal, opened, scripts):
    title = f"Not for me, {scripts}"
    desk, phone = opened(scripts=scripts, width=1280), opened(scripts=scripts)
    document = shared_to_sign(desk, title)
    arrive(phone)
    phone.goto(f"{LIST}/{document}")
    press(phone.get_by_role("link", name="I do not want to sign it"))
    phone.get_by_label("I have questions about it first").check()
    phone.get_by_label("In your own words").fill("What is section 3?")
    press(phone.get_by_role("button", name="Tell the practice"))
    phone.locator("h1 ~ .pill", has_text="Declined").wait_for()
    desk.goto("/staff/review")
    press(desk.locator(".queue a", has_text=title))
    assert "I have questions about it first. What is section 3?" in desk.locator("#declined").inner_text()
    press(desk.get_by_role("button", name="Seen, open next"))
    desk.goto(f"/staff/documents/{document}")
    assert "Looked at by the practice" in desk.content()


def test_it_is_signed_by_the_keyboard_alone(portal, opened):
    document = shared_to_sign(opened(width=1280), "By keys")
    page = opened(scripts=True)
    arrive(page)
    page.goto(f"{LIST}/{document}")
    press(page.get_by_role("button", name="Sign", exact=True), "Enter")
    if page.locator("h1").inner_text() == "Electronic records":
        agree(portal, page)
    press(page.get_by_role("button", name="Sign and send"), "Enter")
    focused(page, "#errors")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    focused(page, "#agree")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Maya Reyes")
    with page.expect_navigation(url=re.compile(rf"/documents/{document}$")):
        page.keyboard.press("Enter")
    assert page.locator("h1 ~ .pill").inner_text().strip() == "With the practice"
