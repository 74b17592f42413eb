"""R20: whoever is written to hears of it by e-mail: that a message waits, and nothing of what it says."""

import re

from playwright.sync_api import Page

from tests.promise.conftest import Portal, press, sign_in

FIVE_MINUTES_LATER = "UPDATE errand SET due_at = now() WHERE actor = 'tell' AND state = 'queued'"
ROSA = "rosa.delgado@example.com"
NEW = "/staff/clients/6/messages/new"


def written_to(desk: Page, subject: str, body: str) -> None:
    """By the front desk, to Rosa alone."""
    desk.goto(NEW)
    desk.locator("input[name=people]").first.check()
    desk.locator("input[name=topic][value=appointments]").check()
    desk.get_by_label("Subject").fill(subject)
    desk.get_by_label("Your message").fill(body)
    press(desk.get_by_role("button", name="Send", exact=True))


def announced(portal: Portal) -> None:
    """What was sent is known to the worker, which waits five minutes; here they are over."""
    portal.come_to_rest()
    portal.sql(FIVE_MINUTES_LATER)
    portal.come_to_rest()


def test_a_letter_says_that_a_message_waits_and_leads_to_it(portal, opened):
    desk = sign_in(opened(), "priya@harborlane.example")
    announced(portal)
    before = len(portal.letters(ROSA))
    for number in (1, 2):
        written_to(desk, f"Zanzibar {number}", "The Quillon form is ready.")
    announced(portal)
    letters = portal.letters(ROSA)
    assert len(letters) == before + 2, "a letter for each conversation"
    for said in letters[:2]:
        assert not re.search("Zanzibar|Quillon|Rosa|Delgado|Priya|Harbor|appointment", said.partition("\n\n")[2])
    link = re.search(r"http://\S+(/clients/6/messages/\d+)", letters[0])
    assert link
    rosa = opened()
    rosa.goto(link[1])
    assert "sign-in" in rosa.url, "first one signs in"
    rosa.locator("#email").fill(ROSA)
    rosa.locator("#password").fill("harbor lane demo only")
    press(rosa.locator("form.card button.btn:not([type=button])").first)
    assert rosa.url.endswith(link[1])
    assert rosa.get_by_text("The Quillon form is ready.").is_visible()


def test_whoever_reads_it_within_five_minutes_gets_no_letter(portal, opened):
    desk = sign_in(opened(), "priya@harborlane.example")
    announced(portal)
    before = len(portal.letters(ROSA))
    written_to(desk, "Read at once", "Nothing to be told of.")
    portal.come_to_rest()
    rosa = sign_in(opened(), ROSA)
    rosa.goto("/clients/6/messages")
    press(rosa.get_by_role("link", name=re.compile("Read at once")))
    announced(portal)
    assert len(portal.letters(ROSA)) == before
