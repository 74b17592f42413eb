"""Which event becomes which letter, to whom; and what staff do with one that did not arrive."""

from portal import audit, outbox
from portal.access import Permission, Viewer
from portal.accounts.tables import Account, Invitation, PasswordReset
from portal.database import transaction
from portal.letters import actions as letters
from portal.outbox import Event
from portal.review import actions as review

POST_OFFICE = Viewer.portal("letters")


async def invite(event: Event) -> None:
    row = await Invitation.objects().get(Invitation.id == event.subject_id)
    if row is not None and row.email:
        await letters.write(POST_OFFICE, event, "invitation", row.email, row.language)


async def send_reset(event: Event) -> None:
    row = await PasswordReset.objects(PasswordReset.account).get(PasswordReset.id == event.subject_id)
    if row is not None:
        await letters.write(POST_OFFICE, event, "password-reset", row.account.email, row.account.language)


async def tell_password_changed(event: Event) -> None:
    await _tell_owner(event, "password-changed")


async def welcome(event: Event) -> None:
    await _tell_owner(event, "welcome")


async def tell_access_added(event: Event) -> None:
    row = await Invitation.objects(Invitation.account).get(Invitation.id == event.subject_id)
    if row is not None and row.account.id:
        await letters.write(POST_OFFICE, event, "access-added", row.account.email, row.account.language)


async def _tell_owner(event: Event, kind: str) -> None:
    account = await Account.objects().get(Account.id == event.subject_id)
    if account is not None:
        await letters.write(POST_OFFICE, event, kind, account.email, account.language)


async def send_again(viewer: Viewer, delivery_id: int) -> None:
    """A failed letter goes back to the post under its old Message-ID; its item in the queue is settled."""
    viewer.must(Permission.REVIEW_SETTLE)
    async with transaction():
        await letters.queue_again(viewer, delivery_id)
        await review.settle_items(viewer, ["letter.failed"], delivery_id)
        await audit.record(viewer, "letter.sent_again", subject_id=delivery_id)


async def give_up(viewer: Viewer, delivery_id: int) -> None:
    """Seen and left: the letter is not worth sending any more."""
    viewer.must(Permission.REVIEW_SETTLE)
    async with transaction():
        await letters.drop(viewer, delivery_id)
        await review.settle_items(viewer, ["letter.failed"], delivery_id)
        await audit.record(viewer, "letter.given_up", subject_id=delivery_id)


async def run_again(viewer: Viewer, errand_id: int) -> None:
    """Background work that was given up is tried afresh."""
    viewer.must(Permission.REVIEW_SETTLE)
    async with transaction():
        await outbox.revive(errand_id)
        await review.settle_items(viewer, ["errand.dead"], errand_id)
        await audit.record(viewer, "errand.revived", subject_id=errand_id)
