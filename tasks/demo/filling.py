"""A form of the practice that its client has begun to fill in, and one that waits to be begun."""

from datetime import timedelta

from portal import clock
from portal.access import Area, Reach, Viewer
from portal.accounts.tables import Account
from portal.documents.actions import adding, sharing
from portal.documents.queries import choices, kept
from portal.documents.terms import Terms
from portal.filling.actions import saving

ANSWERS = {
    "full_name": ["Maya Reyes"],
    "birth_date": ["1991-04-17"],
    "pronouns": ["she/her"],
    "phone": ["(443) 555-0119"],
    "occupation": ["Teacher"],
    "contact": ["portal"],
    "reason": ["Since the summer I wake up at four and cannot fall asleep again."],
    "since": ["August"],
    "goal": ["To sleep through the night"],
}


async def fill(maya: int, account: Account, rosa: int, staff: Viewer) -> None:
    """Inside the caller's transaction."""
    today = clock.today("America/New_York")
    with clock.shifted(days=-2):
        begun = await _shared(staff, maya, "Intake form", Terms(due_on=today + timedelta(days=5)))
    reach = Reach(maya, "self", frozenset(str(area) for area in Area))
    viewer = Viewer(account_id=account.id, name=account.name, grants=(reach,))
    with clock.shifted(hours=-20):
        await saving.save(viewer, maya, begun, ANSWERS, {})
    await _shared(staff, rosa, "Intake form", Terms(note="Si prefiere, lo llenamos juntas por tel\u00e9fono."))


async def _shared(staff: Viewer, client_id: int, title: str, terms: Terms) -> int:
    form_id = next(one.id for one in await choices.forms(staff) if one.title == title)
    document_id = await adding.add_form(staff, client_id, form_id, once=f"demo-{form_id}")
    found = await kept.document(staff, document_id)
    await sharing.share(staff, document_id, found.version, Terms(found.purpose, terms.note, terms.due_on))
    return document_id
