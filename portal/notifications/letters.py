"""What each kind of letter is rendered from, gathered when it is sent; None where it has lost its point."""

from collections.abc import Awaitable, Callable
from typing import Any

from portal import clock
from portal.accounts.actions import invitation as invitations
from portal.accounts.actions import password_reset
from portal.accounts.actions.registration import is_live
from portal.accounts.links import code
from portal.accounts.tables import Account, Invitation, PasswordReset
from portal.notifications.actions import POST_OFFICE
from portal.notifications.queries import appointments, told
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
    client_id = await appointments.client_of_news(POST_OFFICE, subject_id)
    if client_id is None:
        return None
    return {"url": f"{settings().base_url}/clients/{client_id}/appointments/{subject_id}"}


async def unanswered(subject_id: int) -> Context:
    """Not where the answer has come meanwhile."""
    return await appointment(subject_id) if await appointments.is_waiting(POST_OFFICE, subject_id) else None


async def waiting(subject_id: int) -> Context:
    row = await ReviewItem.objects().get(ReviewItem.id == subject_id)
    return None if row is None or row.settled_at is not None else {"url": f"{settings().base_url}/staff/review"}


async def digest(subject_id: int) -> Context:
    """As many as the queue shows to whom the account belongs, when the letter leaves."""
    found = await told.colleagues(POST_OFFICE, subject_id)
    count = await reviews.how_many_wait(found[0].viewer) if found else 0
    return {"url": f"{settings().base_url}/staff/review", "count": count} if count else None


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
    "review-waiting": waiting,
    "review-digest": digest,
}
