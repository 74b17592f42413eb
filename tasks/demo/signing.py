"""What the demo's clients have signed: accepted, waiting in the queue, returned with a reason, and declined."""

from collections.abc import Mapping
from datetime import timedelta

from portal import clock
from portal.access import Area, Reach, Viewer
from portal.accounts.tables import Account
from portal.clients.tables import Client
from portal.documents.actions import adding, opening, sharing
from portal.documents.queries import choices, kept
from portal.documents.terms import Terms
from portal.filling.actions import saving
from portal.practice import queries as practices
from portal.signing.actions import consenting, deciding, declining, signing
from portal.signing.marks import Mark
from portal.signing.queries import asked
from portal.signing.queries import sent as sendings
from portal.signing.wording import wording
from portal.signing.words import meant
from portal.web.templates import written_phone

FORM = "Consent to treatment"


async def fill(charts: Mapping[str, Client], accounts: Mapping[str, Account], staff: Viewer) -> None:
    """Inside the caller's transaction. Daniel signs for his children."""
    maya, rosa = _acting(accounts["maya"], charts["Maya"], "self"), _acting(accounts["rosa"], charts["Rosa"], "self")
    aisha, sami = (_acting(accounts["daniel"], charts[name], "guardian") for name in ("Aisha", "Sami"))
    with clock.shifted(days=-12):
        first = await _signed(maya, staff)
    with clock.shifted(days=-11):
        await deciding.accept(staff, first, await _version(staff, first), {}, None)
    with clock.shifted(days=-3):
        second = await _signed(aisha, staff)
    with clock.shifted(days=-2):
        why = "The printed name is Aisha's, please."
        await deciding.give_back(staff, second, await _version(staff, second), "unclear", why)
    with clock.shifted(days=-2, hours=-3):
        no = await _opened(sami, staff)
        await declining.decline(sami, _of(sami), no, "questions", "Does Sami have to sign as well?")
    with clock.shifted(hours=-5):
        await _signed(rosa, staff)


async def _signed(viewer: Viewer, staff: Viewer) -> int:
    """Returns the number of what was sent."""
    document_id = await _opened(viewer, staff)
    today = clock.today("America/New_York").isoformat()
    answers = {"understood": ["on"], "agrees": ["on"], "signed_on": [today], "printed_name": [viewer.name]}
    await saving.save(viewer, _of(viewer), document_id, answers, {})
    await _consent(viewer)
    one = await asked.asked(viewer, _of(viewer), document_id)
    await signing.sign(viewer, _of(viewer), document_id, Mark(viewer.name, seen=one.seen, meant=meant(one.intent)))
    return await sendings.last_of(staff, document_id)


async def _opened(viewer: Viewer, staff: Viewer) -> int:
    form_id = next(one.id for one in await choices.forms(staff) if one.title == FORM)
    document_id = await adding.add_form(staff, _of(viewer), form_id, once=f"demo-{form_id}")
    found = await kept.document(staff, document_id)
    due = clock.today("America/New_York") + timedelta(days=14)
    await sharing.share(staff, document_id, found.version, Terms(found.purpose, due_on=due))
    await opening.opened(viewer, _of(viewer), document_id)
    return document_id


async def _consent(viewer: Viewer) -> None:
    """To the words of the page, with the code of the PDF."""
    practice = await practices.practice(viewer)
    said = wording(practice, written_phone(practice.phone), "en")
    asked_for = await consenting.ask(viewer, said)
    await consenting.agree(viewer, said, asked_for.code)


async def _version(staff: Viewer, submission_id: int) -> int:
    return (await sendings.submission(staff, submission_id)).version


def _of(viewer: Viewer) -> int:
    return viewer.grants[0].client_id


def _acting(account: Account, chart: Client, kind: str) -> Viewer:
    areas, name = frozenset(str(area) for area in Area), f"{chart.given_name} {chart.family_name}"
    return Viewer(account_id=account.id, name=account.name, grants=(Reach(int(chart.id), kind, areas, name),))
