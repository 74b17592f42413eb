"""What each feature brings to the client's first screen: its tile, and what waits there."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from portal import language, money
from portal.access import Area, Viewer
from portal.appointments.queries.summary import Summary, summary
from portal.appointments.visit import Visit
from portal.autopay.queries.waiting import Waiting, waiting
from portal.balance.queries.standing import Standing, shown
from portal.billing import ways
from portal.billing.ways import Ways
from portal.clients.sections import SECTIONS
from portal.documents import words as of_documents
from portal.documents.queries import waiting as documents
from portal.information import queries as information
from portal.language import lazy, ngettext, written_moment, written_month
from portal.language.zones import with_own_time
from portal.messages.queries.unread import unread
from portal.payments.queries.cards import Kept

NOT_PAID = lazy("Not paid")


@dataclass(frozen=True)
class Tile:
    """One area of the portal: `state` says in words what stands there; live, it follows the badge of the header."""

    url: str
    icon: str
    name: object
    state: object
    badge: int = 0
    is_live: bool = False


@dataclass(frozen=True)
class ToDo:
    """One thing that waits: a plain act, since when or how long, and the words of its pill."""

    url: str
    label: object
    hint: object = ""
    pill: object = ""
    kind: str = ""
    is_live: bool = False


@dataclass(frozen=True)
class Part:
    """What one feature brings to the dashboard: one question, and what its answer means there.

    `card` is the visit that stands above everything, if there is one. Without a tile it stands in another's area.
    """

    area: Area
    ask: Callable[[Viewer, int], Awaitable[Any]]
    tile: Callable[[int, Any], Tile] | None
    to_do: Callable[[int, Any], list[ToDo]]
    card: Callable[[Any], Visit | None] = lambda _: None


def _information_tile(client_id: int, standing: Mapping[str, str]) -> Tile:
    states = set(standing.values())
    said = (
        lazy("Returned to you: please look")
        if "returned" in states
        else lazy("A change is with the practice")
        if "pending" in states
        else lazy("Details, contacts and insurance")
    )
    return Tile(f"/clients/{client_id}/information", "user-round", lazy("My Information"), said)


def _information_to_do(client_id: int, standing: Mapping[str, str]) -> list[ToDo]:
    return [
        ToDo(
            f"/clients/{client_id}/information/{name}",
            lazy("Look at your change again: %(section)s", section=SECTIONS[name].label),
            lazy("The practice returned it and says why."),
            lazy("Returned"),
            "bad",
        )
        for name, state in standing.items()
        if state == "returned"
    ]


def _appointments_tile(client_id: int, told: Summary) -> Tile:
    if told.next is not None:
        when = written_moment(told.next.starts_at, told.next.time_zone)
        own = with_own_time(when, told.next.starts_at, told.next.time_zone, told.own_zone)
        said = lazy("Next: %(when)s", when=own)
    elif told.asked:
        said = lazy("A request is with the practice")
    else:
        said = lazy("Book, confirm and look back")
    return Tile(f"/clients/{client_id}/appointments", "calendar-days", lazy("Appointments"), said)


def _appointments_to_do(client_id: int, told: Summary) -> list[ToDo]:
    kept = [
        ToDo(
            f"/clients/{client_id}/wait-list/offers/{one}",
            lazy("A time has come free for you"),
            lazy("It is kept for a few hours. Take it, or let it pass."),
            lazy("Kept for you"),
            "wait",
        )
        for one in told.kept
    ]
    kept += [
        ToDo(
            f"/clients/{client_id}/appointments/{one}",
            lazy("Choose one of the times that the practice offers"),
            lazy("They are kept for you, and not for long."),
            lazy("Kept for you"),
            "wait",
        )
        for one in told.others
    ]
    return kept + [
        ToDo(
            f"/clients/{client_id}/appointments/{one}",
            lazy("Choose another time for your appointment"),
            lazy("The practice cannot offer the one you asked for: see what it says."),
            lazy("Declined"),
            "bad",
        )
        for one in told.declined
    ]


def _documents_tile(client_id: int, told: documents.Waiting) -> Tile:
    waits = ngettext("%(num)s document waits for you", "%(num)s documents wait for you", told.many)
    said = waits if told.many else lazy("Forms and papers to read, sign and keep")
    return Tile(f"/clients/{client_id}/documents", "folder-open", lazy("My Documents"), said, told.many)


def _documents_to_do(client_id: int, told: documents.Waiting) -> list[ToDo]:
    """One for each, the oldest first; of very many, the list has the rest."""
    here = f"/clients/{client_id}/documents"
    found = [
        ToDo(
            f"{here}/{one.id}",
            of_documents.to_do(one.purpose, one.called, one.state),
            of_documents.due(one.due_on, told.today),
            one.standing,
            one.pill,
        )
        for one in told.first
    ]
    if more := told.many - len(told.first):
        said = ngettext("%(num)s more document", "%(num)s more documents", more)
        found.append(ToDo(f"{here}?tab=to-do", said, lazy("All of them stand in My Documents.")))
    return found


def _messages_tile(client_id: int, unread: int) -> Tile:
    said = ngettext("%(num)s new message", "%(num)s new messages", unread) if unread else lazy("Nothing new")
    return Tile(f"/clients/{client_id}/messages", "message-square-text", lazy("Messages"), said, unread, is_live=True)


def _messages_to_do(client_id: int, unread: int) -> list[ToDo]:
    said = ngettext("Read %(num)s new message", "Read %(num)s new messages", unread)
    return [ToDo(f"/clients/{client_id}/messages", said, "", lazy("New"), "bad", is_live=True)] if unread else []


class Account(NamedTuple):
    """None where the practice has its clients call."""

    standing: Standing | None
    ways: Ways = Ways()


async def _account(viewer: Viewer, client_id: int) -> Account:
    standing = await shown(viewer, client_id)
    return Account(standing, await ways.to_pay(viewer, client_id, standing.to_pay)) if standing else Account(None)


def _account_tile(client_id: int, account: Account) -> Tile:
    standing = account.standing
    if standing is None:
        said: object = lazy("Please call us about it")
    elif standing.to_pay:
        said = lazy("You owe %(amount)s", amount=money.written(standing.to_pay, language.locale()))
    elif standing.balance.insurance_due:
        said = lazy("Waiting for insurance")
    else:
        said = lazy("You owe nothing")
    return Tile(f"/clients/{client_id}/account", "wallet", lazy("My Account"), said)


def _account_to_do(client_id: int, account: Account) -> list[ToDo]:
    """A payment that is under way stands in the place of a second."""
    pay_now, begun = account.ways
    if begun is not None:
        pill, kind = (lazy("Waits for you"), "bad") if begun.waits else (lazy("Being checked"), "wait")
        return [ToDo(begun.url, lazy("See where your payment stands"), begun.sentence, pill, kind)]
    if not pay_now or account.standing is None:
        return []
    amount = money.written(account.standing.to_pay, language.locale())
    return [ToDo(pay_now, lazy("Pay what you owe: %(amount)s", amount=amount), lazy("By card, here in the portal."))]


def _cards_to_do(client_id: int, told: Waiting) -> list[ToDo]:
    account, found = f"/clients/{client_id}/account", []
    if told.has_failed:
        hint = lazy("Pay in another way, or look at your cards.")
        found.append(ToDo(account, lazy("A payment by card did not go through"), hint, NOT_PAID, "bad"))
    if told.is_held:
        hint = lazy("See why, and pay it yourself.")
        found.append(ToDo(f"{account}/autopay", lazy("AutoPay has not paid an invoice"), hint, NOT_PAID, "bad"))
    return [*found, *_expiring(f"{account}/cards", told.expiring)]


def _expiring(cards: str, expiring: Sequence[Kept]) -> list[ToDo]:
    """One thing, however many they are: the page of the cards has a button for each."""
    if not expiring:
        return []
    has_expired = any(one.is_expired for one in expiring)
    pill, kind = (lazy("Expired"), "bad") if has_expired else (lazy("Expires soon"), "wait")
    if len(expiring) > 1:
        label = ngettext("Update %(num)s card on file", "Update %(num)s cards on file", len(expiring))
        return [ToDo(cards, label, ", ".join(str(one.name) for one in expiring), pill, kind)]
    (card,) = expiring
    month = written_month(card.expires)
    until = lazy("It was good until %(month)s.") if has_expired else lazy("It is good until the end of %(month)s.")
    default = lazy("It is your default card.") if card.is_default else ""
    hint = f"{lazy(until.message, month=month)} {default}".strip()
    return [ToDo(f"{cards}/{card.id}", lazy("Update your card: %(card)s", card=card.name), hint, pill, kind)]


PARTS = (
    Part(Area.INFORMATION, information.standing, _information_tile, _information_to_do),
    Part(Area.APPOINTMENTS, summary, _appointments_tile, _appointments_to_do, lambda told: told.next),
    Part(Area.MESSAGES, unread, _messages_tile, _messages_to_do),
    Part(Area.DOCUMENTS, documents.waiting, _documents_tile, _documents_to_do),
    Part(Area.BILLING, _account, _account_tile, _account_to_do),
    Part(Area.BILLING, waiting, None, _cards_to_do),
)
