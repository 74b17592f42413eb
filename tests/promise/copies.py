"""A form that was shared, filled in and sent, as its client would have done it."""

import json
from collections.abc import Mapping, Sequence

from tests.promise.conftest import Portal

SEND = """
import json, sys
from portal import clock
from portal.access import Viewer
from portal.accounts import sessions
from portal.database import fetch
from portal.documents.actions import adding, opening, sharing
from portal.documents.terms import Terms
from portal.filling import answers
from portal.filling.actions import sending
from portal.filling.tables import FormDraft
from portal.library import fields
from tasks.cli.running import run

title, given = json.loads(sys.argv[1])
STAFF = Viewer.portal("test")

async def work():
    (form,) = await fetch("SELECT id FROM practice_form WHERE title = {}", title)
    (account,) = await fetch("SELECT id FROM account WHERE email = 'maya.reyes@example.com'")
    maya = await sessions.viewer_of(account["id"])
    document = await adding.add_form(STAFF, 1, form["id"], once=f"copy {clock.now()}")
    await sharing.share(STAFF, document, 1, Terms(purpose="fill"))
    await opening.opened(maya, 1, document)
    (row,) = await fetch("SELECT d.sha256, v.fields FROM document AS d"
                         " JOIN form_version AS v ON v.id = d.form_version WHERE d.id = {}", document)
    asked, told = fields.read(row["fields"]), dict(given)
    for one in asked:
        if one.is_asked and one.required and one.name not in told:
            other = "2026-11-30" if one.kind == "date" else "x"
            told[one.name] = [one.options[0].value if one.options else other]
    told = answers.known(asked, told)
    await FormDraft(document=document, answers=json.dumps(told), saved_by=account["id"], saved_at=clock.now()).save()
    await sending.submit(maya, 1, document, answers.shown(row["sha256"], asked, told))
    print(document)

run(work)
"""


def sent(portal: Portal, title: str, given: Mapping[str, Sequence[str]]) -> str:
    """Returns the number of the document."""
    return portal.work(SEND, json.dumps([title, given])).splitlines()[-1]
