"""Which event becomes which letter, to whom."""

from portal.access import Viewer
from portal.accounts.tables import Account, Invitation, PasswordReset
from portal.letters import actions as letters
from portal.outbox import Event

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
