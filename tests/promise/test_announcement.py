"""An announcement from the first word to the client who reads it, and one who answers."""

import re

from tests.promise.conftest import press, sign_in
from tests.promise.seeing import look_at

SAM, MAYA, DANIEL, PRIYA = (
    "sam@harborlane.example", "maya.reyes@example.com", "daniel.karim@example.com", "priya@harborlane.example",
)  # fmt: skip
WORDS = "The water is off in our street on Tuesday. We see you by video, or at another time: tell us here."


def write(page, subject: str) -> None:
    page.goto("/staff/messages")
    press(page.get_by_role("link", name="Announcements"))
    press(page.get_by_role("link", name="New announcement"))
    page.get_by_label("Subject", exact=True).fill(subject)
    page.get_by_label("Message", exact=True).fill(WORDS)
    press(page.get_by_role("button", name="Continue"))


def sent_to_all(page, how_many: str) -> None:
    """The worker takes a moment."""
    for _ in range(60):
        if f"Sent to {how_many}" in page.locator("#announcement").inner_text():
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError(page.locator("#announcement").inner_text())


def test_it_is_written_changed_checked_and_sent_and_an_answer_comes_to_the_desk(portal, opened):
    staff = sign_in(opened(), SAM)
    write(staff, "No watr on Tuesday")
    assert staff.locator("h1").inner_text() == "Check and send"
    press(staff.get_by_role("link", name="Change", exact=True).last)
    staff.get_by_label("Subject", exact=True).fill("No water on Tuesday")
    press(staff.get_by_role("button", name="Continue"))
    look = staff.locator("#check").inner_text()
    assert "No water on Tuesday" in look and "No watr" not in look
    get = re.search(r"(\d+) clients get this message", look)
    assert get
    press(staff.get_by_role("button", name=f"Send to {get[1]} clients"))
    sent_to_all(staff, f"{get[1]} clients")

    client = sign_in(opened(), MAYA)
    client.goto("/clients/1/messages")
    press(client.get_by_role("link", name="No water on Tuesday"))
    assert WORDS in client.locator("main").inner_text()
    client.locator("textarea[name=body]").fill("By video, please.")
    press(client.get_by_role("button", name="Send reply"))
    father = sign_in(opened(), DANIEL)
    father.goto("/clients/3/messages")
    press(father.get_by_role("link", name="No water on Tuesday"))
    assert "By video, please." not in father.locator("main").inner_text()

    staff.reload()
    assert f"Read by 2 of {get[1]}" in staff.locator("#announcement").inner_text()
    desk = sign_in(opened(), PRIYA)
    desk.goto("/staff/messages")
    assert "No water on Tuesday" in desk.locator("#inbox").inner_text()


def test_what_was_typed_stays_beside_what_is_wrong(portal, opened):
    page = sign_in(opened(), SAM)
    write(page, "")
    assert page.locator("#errors a").inner_text() == "Enter a subject"
    assert page.get_by_label("Message", exact=True).input_value() == WORDS


def test_the_check_is_seen_on_a_phone_and_on_a_desk(portal, opened):
    for width, dark in ((390, True), (1280, False)):
        page = sign_in(opened(scripts=True, width=width, dark=dark), SAM)
        write(page, "No water on Wednesday")
        page.wait_for_url("**/check")
        look_at(page, width)
        press(page.get_by_role("button", name="Throw away"))
        assert "No water on Wednesday" not in page.locator("#announcements").inner_text()


def test_by_the_command_line_it_is_the_same(portal, opened, tmp_path):
    (tmp_path / "words.txt").write_text(WORDS)
    told = portal.run(
        "announce", "--by", SAM, "--subject", "By command", "--file", str(tmp_path / "words.txt"),
        "--audience", "Dr. Elias Brandt", "--yes",
    )  # fmt: skip
    assert "to 2 clients (Dr. Elias Brandt)" in told
    page = sign_in(opened(), SAM)
    page.goto(told.split("It is on its way: ")[1].split()[0])
    sent_to_all(page, "2 clients")
