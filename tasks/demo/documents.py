"""What the demo's practice has put into charts and shared: to read, opened, late, kept back and taken back."""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from portal import clock
from portal.access import Area, Reach, Viewer
from portal.accounts.tables import Account
from portal.clients.tables import Client
from portal.documents.actions import adding, opening, sharing
from portal.documents.queries import kept
from portal.documents.tables import Purpose
from portal.documents.terms import Terms
from tasks.demo import files

ZONE = "America/New_York"
ARRIVAL = [
    "The front door is on Harbor Lane, across from the bakery.",
    "Parking behind the house is free while you are here.",
    "The waiting room is on the second floor. There is an elevator.",
]
PLAN = [
    "What we agreed on in your last session:",
    "- write down three evenings of the week",
    "- go for a walk before the phone, not after",
    "- bring the list along next time",
]
NEXT = ["The next three sessions:", "- sleep and evenings", "- how mornings begin", "- a look back at the goals"]
SPANISH = [
    "La puerta principal est\u00e1 en Harbor Lane, frente a la panader\u00eda.",
    "El estacionamiento detr\u00e1s de la casa es gratis.",
]
LETTER = ["To whom it may concern:", "Aisha has an appointment with us on Thursday afternoons and arrives late then."]


async def fill(charts: Mapping[str, Client], accounts: Mapping[str, Account], staff: Viewer) -> None:
    """Inside the caller's transaction."""
    today = clock.today(ZONE)
    maya, rosa, aisha = (int(charts[name].id) for name in ("Maya", "Rosa", "Aisha"))
    with clock.shifted(days=-9):
        late = Terms(due_on=clock.today(ZONE) + timedelta(days=2), ends_when_due=True)
        await _shared(staff, maya, "Offer of a group on Tuesdays", files.page("A group on Tuesdays", PLAN), late)
        directions = files.page("How to find us", ARRIVAL)
        found = await _shared(staff, maya, "How to find us", directions, Terms())
    await sharing.expire(Viewer.portal("schedule"))
    with clock.shifted(days=-8):
        await opening.opened(acting(accounts["maya"], maya, "self"), maya, found)
    with clock.shifted(days=-1):
        wrong = await _shared(staff, maya, "Letter to the school", files.page("A letter", LETTER), Terms())
        await _withdrawn(staff, wrong, "It belongs to another chart.")
        plan = Terms(note="Please read it before you come on Thursday.", due_on=today + timedelta(days=4))
        await _shared(staff, maya, "What we agreed on", files.page("What we agreed on", PLAN, NEXT), plan)
        await _shared(staff, aisha, "Letter for the school", files.page("For the school", LETTER), Terms())
        overdue = Terms(due_on=today, note="Venga cinco minutos antes, por favor.")
        await _shared(staff, rosa, "C\u00f3mo llegar al consultorio", files.page("C\u00f3mo llegar", SPANISH), overdue)
    await _shared(staff, maya, "Summary of the last month", files.page("Summary", NEXT), Terms(hidden_for="unfinished"))
    to_sign = Terms(purpose=Purpose.SIGN, due_on=today + timedelta(days=7))
    await _shared(staff, maya, "Our agreement for the next months", files.page("Our agreement", PLAN), to_sign)
    await put(staff, maya, "The harbor, from the waiting room", "harbor.png", files.photo())


async def _shared(staff: Viewer, client_id: int, title: str, content: bytes, terms: Terms) -> int:
    document_id = await put(staff, client_id, title, "paper.pdf", content)
    await sharing.share(staff, document_id, 1, terms)
    return document_id


async def put(staff: Viewer, client_id: int, title: str, name: str, content: bytes) -> int:
    return await adding.add_file(staff, client_id, name, content, title=title, once=secrets.token_hex(16))


async def _withdrawn(staff: Viewer, document_id: int, reason: str) -> None:
    await sharing.withdraw(staff, document_id, (await kept.document(staff, document_id)).version, reason)


def acting(account: Account, client_id: int, kind: str) -> Viewer:
    reach = Reach(client_id, kind, frozenset(str(area) for area in Area))
    return Viewer(account_id=account.id, name=account.name, grants=(reach,))
