"""What the owner of an account changes in it."""

from portal import audit, clock, outbox
from portal.access import NotFoundException, Viewer
from portal.accounts import passwords, sessions, throttle
from portal.accounts.tables import Account, PasswordReset
from portal.database import transaction
from portal.language import lazy, zones
from portal.practice import queries as practices
from portal.refusal import Refused

DOOR = "password"
NOT_YOURS = lazy("That is not your present password")


async def choose_appearance(viewer: Viewer, language: str, theme: str) -> None:
    await Account.update({Account.language: language, Account.theme: theme}).where(Account.id == viewer.account_id)


async def choose_time_zone(viewer: Viewer, zone: str) -> None:
    """Empty where only the time of the place is to be shown."""
    if zone and not zones.is_known(zone):
        raise Refused(time_zone=lazy("Choose a time zone from the list"))
    await Account.update({Account.time_zone: zone}).where(Account.id == viewer.account_id)


async def must_know_password(viewer: Viewer, typed: str) -> Account:
    """Asked once more, as carefully as at the door, of whoever does what must not be done by whoever finds a screen
    open. Raises `Refused` at `password`, and `TooMany`.
    """
    account = await Account.objects().get(Account.id == viewer.account_id)
    if account is None:
        raise NotFoundException
    await throttle.knock(DOOR, account.email_key, viewer.address)
    if not await passwords.matches(account.password_hash, typed):
        await audit.record(viewer, "password.refused", subject_id=account.id)
        raise Refused(password=NOT_YOURS)
    await throttle.let_in(DOOR, account.email_key, viewer.address)
    return account


async def change_password(viewer: Viewer, present: str, password: str, again: str) -> None:
    """With the present one, which is asked as carefully as at the door; all other sessions end."""
    account = await Account.objects().get(Account.id == viewer.account_id)
    if account is None:
        raise NotFoundException
    await throttle.knock(DOOR, account.email_key, viewer.address)
    if not await passwords.matches(account.password_hash, present):
        raise Refused(present_password=NOT_YOURS)
    await throttle.let_in(DOOR, account.email_key, viewer.address)
    practice = await practices.practice(viewer)
    context = [account.email, account.name, practice.name, practice.context_words, "client portal"]
    passwords.must_be_good(password, again, context)
    fresh = await passwords.hashed(password)
    async with transaction():
        await Account.update({Account.password_hash: fresh, Account.password_changed_at: clock.now()}).where(
            Account.id == account.id
        )
        await PasswordReset.update({PasswordReset.ended_at: clock.now()}).where(
            PasswordReset.account == account.id, PasswordReset.ended_at.is_null()
        )
        ended = await sessions.end_all(account.id, but=viewer.session_id)
        await audit.record(viewer, "password.changed", subject_id=account.id, sessions_ended=ended)
        await outbox.record("password.changed", account.id)
