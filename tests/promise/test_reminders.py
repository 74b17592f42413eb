"""A client hears of an appointment before it, and confirms it from there; on a phone, with scripts off."""

import subprocess
import sys
from email import message_from_bytes
from email.policy import default

import pytest

from tests.promise.conftest import ROOT, Portal, press, sign_in
from tests.promise.steps import arrive

MAYA, ROSA = "maya.reyes@example.com", "rosa.delgado@example.com"
TEXTS = "/clients/1/appointments/texts"
NOW = """
from portal.access import Viewer
from portal.reminders.actions import reminding
from tasks.cli.running import run
run(lambda: reminding.remind(Viewer.portal("test")))
"""
SOON = """
UPDATE appointment SET made_at = now() - interval '9 days', decided_at = NULL, state = 'booked', holds = true,
       held_until = NULL, starts_at = date_trunc('hour', now()) + interval '30 hours',
       ends_at = date_trunc('hour', now()) + interval '31 hours',
       busy_from = date_trunc('hour', now()) + interval '30 hours',
       busy_until = date_trunc('hour', now()) + interval '31 hours'
 WHERE id = (SELECT min(id) FROM appointment WHERE client = {client} AND state IN ('booked', 'requested'))
"""
ANY_TIME = """
INSERT INTO setting (name, value) VALUES ('reminders.quiet_from', 'off')
ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""


def remind(portal: Portal, client: int) -> None:
    """Of a visit in thirty hours that was booked long ago; at any time of day."""
    portal.sql(ANY_TIME)
    portal.clear_the_way(30 * 60)
    portal.sql(SOON.format(client=client))
    subprocess.run([sys.executable, "-c", NOW], cwd=ROOT, env=portal.environ, check=True, timeout=60)


def text_of(portal: Portal, to: str, subject: str) -> str:
    """Of the newest letter with this subject."""
    for path in sorted((portal.data / "mail").glob("*.eml"), key=lambda one: one.stat().st_mtime_ns, reverse=True):
        message = message_from_bytes(path.read_bytes(), policy=default)
        if subject in message["Subject"] and to in message["To"]:
            return message.get_body(("plain",)).get_content()
    raise AssertionError(f"no letter to {to}")


def address_in(letter: str, what: str) -> str:
    return next(line for line in letter.splitlines() if line.startswith("http") and what in line)


def test_a_reminder_comes_by_letter_and_confirms_without_signing_in(opened, portal: Portal):
    before = len(portal.letters(ROSA))
    remind(portal, 6)
    portal.letter(ROSA, beside=before)
    letter = text_of(portal, ROSA, "A reminder from")
    assert "An appointment is coming up:" in letter
    page = opened()
    page.goto(address_in(letter, "/confirm/"))
    page.get_by_role("heading", name="Will you be there?").wait_for()
    assert "Rosa" not in page.content() and "session" not in page.locator("main").inner_text()
    press(page.get_by_role("button", name="Confirm"))
    page.get_by_role("heading", name="You have confirmed your appointment").wait_for()
    page.goto(address_in(letter, "/cancellation"))
    assert "/sign-in" in page.url, "to say that one cannot come, one signs in"
    page.get_by_label("E-mail").fill(ROSA)
    page.get_by_label("Password", exact=True).fill("harbor lane demo only")
    press(page.get_by_role("button", name="Sign in", exact=True))
    press(page.get_by_role("button", name="Yes, cancel it"))
    page.goto(address_in(letter, "/confirm/"))
    page.get_by_role("heading", name="This appointment was moved or cancelled").wait_for()


@pytest.mark.parametrize("scripts", [False, True])
def test_text_reminders_are_agreed_to_and_turned_off(opened, scripts):
    """The demo has them turned on for Maya."""
    page = opened(scripts=scripts)
    arrive(page, MAYA)
    page.goto("/clients/1/appointments")
    press(page.get_by_role("link", name="Text reminders"))
    page.get_by_role("heading", name="Text reminders").wait_for()
    if not page.get_by_role("button", name="Turn off").count():  # another test has changed the number
        page.locator("#number").check()
        page.get_by_label("Yes, send me text reminders").check()
        press(page.get_by_role("button", name="Turn on"))
    page.get_by_role("button", name="Turn off").wait_for()
    press(page.get_by_role("button", name="Turn off"))
    page.get_by_text("Text reminders are off.").wait_for()
    page.locator("#number").check()
    press(page.get_by_role("button", name="Turn on"))
    page.locator("#errors").wait_for()
    assert page.locator("#number").is_checked()
    page.get_by_label("Yes, send me text reminders").check()
    press(page.get_by_role("button", name="Turn on"))
    page.get_by_text("Text reminders are on.").wait_for()


def test_an_administrator_chooses_when_reminders_go(opened):
    page = sign_in(opened(), "sam@harborlane.example")
    page.goto("/staff/settings")
    rule = page.get_by_role("radiogroup", name="Reminder 2")
    assert rule.get_by_label("4 hours before", exact=True).is_checked()
    rule.get_by_label("2 hours before", exact=True).check()
    press(page.get_by_role("button", name="Save").last)
    assert page.get_by_role("radiogroup", name="Reminder 2").get_by_label("2 hours before", exact=True).is_checked()
