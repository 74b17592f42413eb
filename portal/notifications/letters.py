"""What each kind of letter is rendered from, gathered when it is sent; None where it has lost its point."""

from collections.abc import Awaitable, Callable
from typing import Any

from portal import clock
from portal.accounts.actions import invitation as invitations
from portal.accounts.actions import password_reset
from portal.accounts.actions.registration import is_live
from portal.accounts.links import code
from portal.accounts.tables import Account, Invitation, PasswordReset
from portal.appointments.settings import asks_to_confirm
from portal.documents.queries import kept as documents
from portal.documents.tables import DocumentState
from portal.estimates.queries import readers as estimates
from portal.messages.queries import news, untold
from portal.notifications.actions import POST_OFFICE
from portal.notifications.queries import appointments, told
from portal.notifications.queries import money as of_money
from portal.notifications.queries.told import Asker
from portal.paylinks import queries as pay_links
from portal.paylinks.tables import PayLink
from portal.records.queries import requests as records
from portal.reminders import queries as reminders
from portal.review.queries import queue as reviews
from portal.review.tables import ReviewItem
from portal.settings import settings

Context = dict[str, Any] | None


async def invitation(subject_id: int) -> Context:
    """Not sent where it was replaced or revoked meanwhile: the link would be dead."""
    row = await Invitation.objects().get(Invitation.id == subject_id)
    if row is None or not is_live(row):
        return None
    return {
        "url": f"{settings().base_url}/invitation/{invitations.token_of(row)}",
        "code_url": f"{settings().base_url}/invitation",
        "code": code("invitation", bytes(row.nonce), row.key_id),
        "expires_at": row.expires_at,
    }


async def reset(subject_id: int) -> Context:
    row = await PasswordReset.objects().get(PasswordReset.id == subject_id)
    if row is None or row.ended_at is not None or row.expires_at <= clock.now():
        return None
    return {"url": f"{settings().base_url}/reset/{password_reset.token_of(row)}"}


async def account(subject_id: int) -> Context:
    """Letters that tell the owner of an account what happened to it."""
    row = await Account.objects().get(Account.id == subject_id)
    return (
        None
        if row is None
        else {"url": f"{settings().base_url}/sign-in", "help_url": f"{settings().base_url}/forgot-password"}
    )


async def gained(subject_id: int) -> Context:
    return {"url": f"{settings().base_url}/"}


async def answered(subject_id: int) -> Context:
    asker = await told.asker(POST_OFFICE, subject_id)
    return None if asker is None else {"url": f"{settings().base_url}/clients/{asker.client_id}/information"}


async def appointment(subject_id: int) -> Context:
    asker = await appointments.asker(POST_OFFICE, subject_id)
    if asker is None:
        return None
    return {"url": f"{settings().base_url}/clients/{asker.client_id}/appointments/{subject_id}"}


async def changed(subject_id: int) -> Context:
    """Not where it has been read meanwhile, or is over."""
    return _page_of(await appointments.client_of_news(POST_OFFICE, subject_id), f"appointments/{subject_id}")


async def unanswered(subject_id: int) -> Context:
    """Not where the answer has come meanwhile."""
    return await appointment(subject_id) if await appointments.is_waiting(POST_OFFICE, subject_id) else None


async def offered(subject_id: int) -> Context:
    """Not where it is kept no more."""
    until = await appointments.kept_until(POST_OFFICE, subject_id)
    asker = await appointments.asker(POST_OFFICE, subject_id) if until else None
    if asker is None:
        return None
    url = f"{settings().base_url}/clients/{asker.client_id}/wait-list/offers/{subject_id}"
    return {"url": url, "until": until}


async def waiting(subject_id: int) -> Context:
    row = await ReviewItem.objects().get(ReviewItem.id == subject_id)
    return None if row is None or row.settled_at is not None else {"url": f"{settings().base_url}/staff/review"}


async def digest(subject_id: int) -> Context:
    """As many as the queue shows to whom the account belongs, when the letter leaves."""
    found = await told.colleagues(POST_OFFICE, subject_id)
    count = await reviews.how_many_wait(found[0].viewer) if found else 0
    return {"url": f"{settings().base_url}/staff/review", "count": count} if count else None


async def reminder(subject_id: int, address: str) -> Context:
    """Not of a visit that was cancelled or moved, or begins; and not to whom it is no business any more."""
    due = await reminders.told(POST_OFFICE, subject_id)
    if due is None or not due.is_coming:
        return None
    hearers = await reminders.hearers(POST_OFFICE, due.client_id)
    hearer = next((one for one in hearers if one.address == address), None)
    if hearer is None:
        return None
    page = f"{settings().base_url}/clients/{due.client_id}/appointments/{due.appointment_id}"
    is_asked = due.is_open and await asks_to_confirm(POST_OFFICE)
    return {
        "url": page,
        "confirm_url": f"{settings().base_url}/confirm/{due.token}" if is_asked else "",
        "cancel_url": f"{page}/cancellation",
        "starts_at": due.starts_at,
        "zone": due.time_zone,
        "other_zone": hearer.time_zone if hearer.time_zone != due.time_zone else "",
    }


async def message(subject_id: int) -> Context:
    """Not for whom there is nothing unread by now."""
    reader = await untold.reader(POST_OFFICE, subject_id)
    if reader is None:
        return None
    return {"url": f"{settings().base_url}/clients/{reader.client_id}/messages/{reader.thread_id}"}


async def estimate(subject_id: int) -> Context:
    """Not where a newer one has taken its place: that has a letter of its own."""
    return _page_of(await estimates.whose(POST_OFFICE, subject_id), f"account/estimates/{subject_id}")


async def document(subject_id: int, state: str = DocumentState.PENDING) -> Context:
    """Not for what was opened or taken back meanwhile."""
    return _page_of(await documents.told(POST_OFFICE, subject_id, state), f"documents/{subject_id}")


async def records_answered(subject_id: int) -> Context:
    """Not for what was taken back meanwhile."""
    return _page_of(await records.told(POST_OFFICE, subject_id), f"record-requests/{subject_id}")


async def returned_document(subject_id: int) -> Context:
    """Not for what was sent again meanwhile."""
    return await document(subject_id, DocumentState.RETURNED)


async def accepted_document(subject_id: int) -> Context:
    return await document(subject_id, DocumentState.ACCEPTED)


def _page_of(client_id: int | None, rest: str) -> Context:
    """A page of a client's; none where the letter has become needless."""
    return None if client_id is None else {"url": f"{settings().base_url}/clients/{client_id}/{rest}"}


async def received(subject_id: int, address: str) -> Context:
    """Not where somebody has read it, or to whom it is no business any more."""
    everybody = await told.colleagues(POST_OFFICE, letter=told.NEW_MESSAGES)
    mine = next((one.viewer for one in everybody if one.viewer.email == address), None)
    if mine is None or not await news.is_news(mine, subject_id):
        return None
    return {"url": f"{settings().base_url}/staff/messages/{await news.thread_of(mine, subject_id)}"}


async def messages_digest(subject_id: int) -> Context:
    """As many as wait for whom the account belongs to, when the letter leaves."""
    found = await told.colleagues(POST_OFFICE, subject_id, letter=told.NEW_MESSAGES)
    count = await news.how_many_wait(found[0].viewer) if found else 0
    return {"url": f"{settings().base_url}/staff/messages", "count": count} if count else None


async def invoice(subject_id: int, address: str) -> Context:
    """Not of one that was voided meanwhile, or to whom it is no business any more."""
    return _account(await of_money.of_invoice(POST_OFFICE, subject_id), address)


async def receipt(subject_id: int, address: str) -> Context:
    return _account(await of_money.of_payment(POST_OFFICE, subject_id), address)


async def pay_link(subject_id: int) -> Context:
    """Not of one that was replaced or ended meanwhile: the link would be dead."""
    row = await PayLink.objects().get(PayLink.id == subject_id)
    if row is None or row.ended_at is not None or row.expires_at <= clock.now():
        return None
    return {"url": f"{settings().base_url}/pay/{pay_links.token_of(row)}", "expires_at": row.expires_at}


async def failed_charge(subject_id: int, address: str) -> Context:
    return _account(await of_money.of_failed_charge(POST_OFFICE, subject_id), address)


async def coming_charge(subject_id: int, address: str) -> Context:
    """Not where it was turned off meanwhile, or is over. The page says how much."""
    found = _account(await of_money.of_autopay(POST_OFFICE, subject_id, of_money.COMING), address)
    return found and {"url": f"{found['url']}/autopay", "day": await of_money.charged_on(POST_OFFICE, subject_id)}


async def held_charge(subject_id: int, address: str) -> Context:
    found = _account(await of_money.of_autopay(POST_OFFICE, subject_id, of_money.HELD), address)
    return found and {"url": f"{found['url']}/autopay"}


async def autopay_off(subject_id: int, address: str) -> Context:
    return _account(await of_money.of_ended_autopay(POST_OFFICE, subject_id), address)


def _account(readers: list[Asker], address: str) -> Context:
    reader = next((one for one in readers if one.address == address), None)
    return {"url": f"{settings().base_url}/clients/{reader.client_id}/account"} if reader else None


async def context_of(kind: str, subject_id: int, address: str) -> Context:
    if kind in PERSONAL:
        return await PERSONAL[kind](subject_id, address)
    return await CONTEXTS[kind](subject_id)


PERSONAL: dict[str, Callable[[int, str], Awaitable[Context]]] = {
    "appointment-reminder": reminder,
    "message-received": received,
    "invoice-waiting": invoice,
    "receipt-waiting": receipt,
    "charge-failed": failed_charge,
    "charge-coming": coming_charge,
    "charge-held": held_charge,
    "autopay-off": autopay_off,
}
CONTEXTS: dict[str, Callable[[int], Awaitable[Context]]] = {
    "invitation": invitation,
    "password-reset": reset,
    "password-changed": account,
    "welcome": account,
    "access-added": gained,
    "information-answered": answered,
    "appointment-answered": appointment,
    "appointment-changed": changed,
    "appointment-waits": unanswered,
    "appointment-offered": offered,
    "message-waiting": message,
    "estimate-given": estimate,
    "document-shared": document,
    "records-answered": records_answered,
    "document-returned": returned_document,
    "document-accepted": accepted_document,
    "pay-link": pay_link,
    "message-digest": messages_digest,
    "review-waiting": waiting,
    "review-digest": digest,
}
