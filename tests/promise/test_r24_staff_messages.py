"""Staff find what waits, take it, answer it with words that stand ready, note, close, and write to a client first."""

import pytest

from tests.promise.conftest import press, sign_in
from tests.promise.steps import arrive, focused

PRIYA, SAM = "priya@harborlane.example", "sam@harborlane.example"
MAYA = "maya.reyes@example.com"
WROTE = """
WITH made AS (
    INSERT INTO thread (client, topic, subject, started_at, latest_at, waiting_since, may_reply, latest, office_read_to,
                        version)
    SELECT 1, 'appointments', '{subject}', now() - interval '90 days', now() - interval '90 days',
           now() - interval '90 days', true, 0, 0, 1
    RETURNING id, client
), maya AS (SELECT id FROM account WHERE email = 'maya.reyes@example.com'
), reads AS (
    INSERT INTO thread_participant (thread, account, read_to, told_to, added_at)
    SELECT made.id, maya.id, 0, 0, now() FROM made, maya
), said AS (
    INSERT INTO message (thread, client, kind, author, body, key, sent_at, search)
    SELECT made.id, made.client, 'client', maya.id, 'May I come later, at four?', md5('{subject}'),
           now() - interval '90 days', array_to_tsvector(string_to_array(lower('{subject}'), ' ')) FROM made, maya
) SELECT 1
"""
FORTY = """
WITH made AS (
    INSERT INTO thread (client, topic, subject, started_at, latest_at, waiting_since, may_reply, latest, office_read_to,
                        version)
    SELECT 1, (ARRAY['appointments', 'billing', 'other'])[1 + n % 3], 'Number ' || n || repeat(' of a matter', n % 7),
           t, t, t, true, 0, 0, 1
      FROM (SELECT n, now() - n * interval '95 minutes' AS t FROM generate_series(1, 40) AS n) AS moments
    RETURNING id, client, started_at
), maya AS (SELECT id FROM account WHERE email = 'maya.reyes@example.com'
), reads AS (
    INSERT INTO thread_participant (thread, account, read_to, told_to, added_at)
    SELECT made.id, maya.id, 0, 0, now() FROM made, maya
), said AS (
    INSERT INTO message (thread, client, kind, author, body, key, sent_at)
    SELECT made.id, made.client, 'client', maya.id, 'Hello' || repeat(' again', 40), 'seen-' || made.id, made.started_at
      FROM made, maya
    RETURNING id, thread
) SELECT 1
"""
OF_FORTY = "(SELECT id FROM thread WHERE subject LIKE 'Number %')"
FORTY_GONE = (
    f"UPDATE review_item SET settled_at = now(), outcome = 'seen' WHERE settled_at IS NULL"
    f" AND kind LIKE 'message.%' AND subject_id IN {OF_FORTY}",
    *(
        f"DELETE FROM {table} WHERE thread IN {OF_FORTY}"
        for table in ("thread_note", "message_draft", "thread_participant", "message")
    ),
    f"DELETE FROM thread WHERE id IN {OF_FORTY}",
)
LATEST = """
UPDATE thread SET latest = (SELECT max(id) FROM message WHERE thread = thread.id) WHERE subject = '{subject}'
"""
REPLY = """
INSERT INTO canned_reply (title, body_en, body_es, place, is_active)
SELECT 'New time', 'Hello {{first_name}}, four is free. Call {{office_phone}} otherwise.', 'Hola.', 1, true
 WHERE NOT EXISTS (SELECT FROM canned_reply WHERE title = 'New time')
"""


def asked(portal, subject: str) -> None:
    """Maya wrote so long ago that hers stands first."""
    for sql in (WROTE, LATEST, REPLY):
        portal.sql(sql.format(subject=subject))


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_what_waits_is_found_taken_answered_noted_and_closed(portal, opened, scripts):
    subject = f"Later on Thursday {scripts}"
    asked(portal, subject)
    staff = opened(scripts=scripts, width=1280)
    arrive(staff, PRIYA)
    press(staff.locator(".areas a", has_text="Messages"))
    before = int(staff.locator("#badge-message-square-text").inner_text().split()[0])
    staff.get_by_label("Client or words").fill(subject)
    press(staff.get_by_role("button", name="Find"))
    assert staff.locator("#inbox .queue a").count() == 1 and "find=" in staff.url and "Thursday" not in staff.url
    assert "Not read yet" in staff.locator("#inbox .queue").inner_text()
    staff.locator("#inbox .queue a").click()
    staff.locator("#reply").wait_for()
    assert "1 new message" in staff.locator("#thread").inner_text()

    press(staff.get_by_role("button", name="Take it"))
    staff.get_by_text("It is yours now.").first.wait_for()
    assert "With you" in staff.locator("#handling").inner_text()

    note = staff.get_by_label("Add a note")
    note.fill("She cannot come before three.")
    press(staff.get_by_role("button", name="Save the note"))
    staff.locator("#notes .entry").wait_for()

    staff.locator("#body").fill("Dear Maya,")
    staff.get_by_label("Canned reply").select_option(label="New time")
    press(staff.get_by_role("button", name="Add its words"))
    staff.wait_for_function("document.getElementById('body').value.includes('four is free')") if scripts else None
    assert staff.locator("#body").input_value() == (
        "Dear Maya,\n\nHello Maya, four is free. Call (443) 555-0142 otherwise."
    )
    press(staff.get_by_role("button", name="Send", exact=True))
    staff.get_by_text("Sent.").first.wait_for()
    assert "four is free" in staff.locator(".msg.mine").inner_text() and staff.locator("#body").input_value() == ""
    assert "Answered" in staff.locator("#handling").inner_text()
    assert int(staff.locator("#badge-message-square-text").inner_text().split()[0] or 0) == before - 1 or before == 1

    press(staff.get_by_role("button", name="Close"))
    staff.get_by_role("button", name="Open again").wait_for()
    client = opened(scripts=scripts)
    arrive(client, MAYA)
    client.goto("/clients/1/messages")
    client.get_by_text(subject).first.click()
    client.get_by_text("four is free").first.wait_for()
    assert "Read by the office" in client.locator("main").inner_text()
    assert "She cannot come before three." not in client.content()


def test_two_take_it_and_the_slower_reads_who_was_quicker(portal, opened):
    asked(portal, "Who takes this")
    pages = []
    for email in (PRIYA, SAM):
        page = opened(scripts=True, width=1280)
        arrive(page, email)
        page.goto("/staff/messages?view=all&client=1")
        page.locator("#inbox .queue a", has_text="Who takes this").click()
        page.locator("#handling").wait_for()
        pages.append(page)
    quick, slow = pages
    slow.locator("#body").fill("What was typed stays")
    slow.get_by_label("Add a note").fill("This too")
    press(quick.get_by_role("button", name="Take it"))
    quick.get_by_text("It is yours now.").first.wait_for()
    press(slow.get_by_role("button", name="Take it"))
    focused(slow, "#handling .notice")
    assert "Priya Raman was quicker" in slow.locator("#handling").inner_text()
    assert slow.locator("#body").input_value() == "What was typed stays"
    assert slow.get_by_label("Add a note").input_value() == "This too"


def test_the_keyboard_goes_from_whose_it_is_to_the_answer_and_then_to_the_notes(portal, opened):
    asked(portal, "By keyboard")
    page = opened(scripts=True, width=1280)
    arrive(page, PRIYA)
    page.goto("/staff/messages?view=all&client=1")
    page.locator("#inbox .queue a", has_text="By keyboard").click()
    page.locator("#handling").wait_for()
    page.locator("#handling button").first.focus()
    order = []
    for _ in range(16):
        order.append(page.evaluate("(document.activeElement.id || document.activeElement.innerText || '').trim()"))
        page.keyboard.press("Tab")
    wanted = ["Take it", "Close", "Assign to a colleague", "canned", "Add its words", "body", "files", "Send"]
    assert [one for one in order if one in wanted] == wanted
    assert order.index("Send") < order.index("note")


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_staff_write_first_and_what_is_refused_keeps_the_words(portal, opened, scripts):
    staff = opened(scripts=scripts)
    arrive(staff, PRIYA)
    staff.goto("/staff/clients/1")
    press(staff.locator("#messaging").get_by_role("link", name="New message")) if not scripts else staff.locator(
        "#messaging"
    ).get_by_role("link", name="New message").click()
    staff.locator("#new-message").wait_for()
    staff.get_by_label("Your message").fill("Please bring the new card.")
    press(staff.get_by_role("button", name="Send", exact=True))
    staff.locator("#errors").wait_for()
    assert staff.get_by_label("Your message").input_value() == "Please bring the new card."
    staff.get_by_label("Billing").check()
    staff.get_by_label("Subject").fill(f"Your new card {scripts}")
    press(staff.get_by_role("button", name="Send", exact=True))
    staff.get_by_text("Sent.").first.wait_for()
    assert f"Your new card {scripts}" in staff.locator("h1").inner_text()
    client = opened()
    sign_in(client, MAYA)
    client.goto("/clients/1/messages")
    assert f"Your new card {scripts}" in client.locator("main").inner_text()


def test_a_draft_of_staff_saves_itself_and_is_there_on_another_device(portal, opened):
    asked(portal, "Saves itself")
    desk, phone = opened(scripts=True, width=1280), opened()
    for page in (desk, phone):
        arrive(page, PRIYA)
    desk.goto("/staff/messages?view=all&client=1")
    desk.locator("#inbox .queue a", has_text="Saves itself").click()
    desk.locator("#body").wait_for()
    desk.locator("#body").press_sequentially("Half a sent")
    desk.get_by_text("Draft saved").wait_for()
    phone.goto(desk.url.partition("#")[0])
    assert phone.locator("#body").input_value() == "Half a sent"
