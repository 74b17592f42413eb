"""What the tests of messages do over and over."""

import json

from playwright.sync_api import Page

from tests.promise.conftest import Portal, press

MAYA = "maya.reyes@example.com"
INBOX = "/clients/1/messages"
ANSWER = """
import json, secrets, sys
from portal.accounts import sessions
from portal.database import fetch
from portal.messages.actions import sending
from portal.messages.actions.putting import Words
from tasks.cli.running import run

subject, bodies = json.loads(sys.argv[1])

async def answer():
    account = await fetch("SELECT id FROM account WHERE email = 'priya@harborlane.example'")
    thread = await fetch("SELECT max(id) AS id FROM thread WHERE subject = {}", subject)
    found = await sessions.find(await sessions.begin(account[0]["id"], "127.0.0.1", "test"), "127.0.0.1", "test")
    for body in bodies:
        await sending.answer_for_staff(found.viewer, thread[0]["id"], Words(body, secrets.token_hex(16)))

run(answer)
"""


def office_says(portal: Portal, subject: str, *bodies: str) -> None:
    """Priya answers in the newest conversation of that name."""
    portal.work(ANSWER, json.dumps([subject, bodies]))


def begin(page: Page, subject: str, body: str, topic: str = "Appointments") -> None:
    """As a client, from the inbox; it ends in the conversation."""
    page.goto(f"{INBOX}/new")
    page.get_by_role("radio", name=topic).check()
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Your message").fill(body)
    press(page.get_by_role("button", name="Send message"))
    page.locator("h1", has_text=subject).wait_for()


def read_all(portal: Portal) -> None:
    """What other tests and the demo have left unread does not count here."""
    portal.sql("UPDATE thread_participant SET read_to = (SELECT coalesce(max(id), 0) FROM message)")


def badge(page: Page) -> str:
    """As it stands in the header; nothing where it is hidden."""
    found = page.locator("#unread")
    return found.inner_text().split()[0] if found.is_visible() else ""
