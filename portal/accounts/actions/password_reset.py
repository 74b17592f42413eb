"""A forgotten password: a link for 60 minutes, once; afterwards every other session has ended and the owner knows."""

from datetime import timedelta

from portal import audit, clock, keys, outbox
from portal.access import Viewer
from portal.accounts import links, passwords, queries, sessions, throttle
from portal.accounts.tables import Account, PasswordReset
from portal.database import transaction
from portal.language import lazy
from portal.practice import queries as practices
from portal.refusal import Refused

LIVES = timedelta(minutes=60)
DOOR = "reset"
SIGN_IN_DOOR = "sign-in"


async def ask(viewer: Viewer, email: str) -> None:
    """A letter, if the address has an account. Whether it has is not told here."""
    await throttle.knock(DOOR, email.strip().casefold(), viewer.address, most=throttle.ENDLESS)
    async with throttle.same_time():
        account = await queries.account_by_email(viewer, email.strip())
        if account is None or account.is_suspended:
            await audit.record(viewer, "password_reset.asked")
        else:
            await _send_link(viewer, account)


async def _send_link(viewer: Viewer, account: Account) -> None:
    async with transaction():
        await _lock(account.id)
        now = clock.now()
        await PasswordReset.update({PasswordReset.ended_at: now}).where(
            PasswordReset.account == account.id, PasswordReset.ended_at.is_null()
        )
        reset = PasswordReset(
            account=account.id, nonce=links.nonce(), key_id=keys.newest_id(), asked_at=now, expires_at=now + LIVES
        )
        await reset.save()
        await audit.record(viewer, "password_reset.asked", subject_id=account.id)
        await outbox.record("password_reset.asked", reset.id)


async def by_token(viewer: Viewer, token: str) -> PasswordReset | None:
    """A reset that is still open; None for anything else. Nothing is consumed."""
    row_id = links.row_id(token)
    found = await PasswordReset.objects().get(PasswordReset.id == row_id) if row_id else None
    if found is None or not links.is_token(token, "reset", found.id, bytes(found.nonce), found.key_id):
        return None
    return found if _is_live(found) else None


async def set_password(viewer: Viewer, reset_id: int, password: str, again: str) -> int:
    """Returns the account's id. The link is used up, all sessions end, a letter tells the owner."""
    async with transaction():
        asked = await PasswordReset.objects().get(PasswordReset.id == reset_id)
        account = await _lock(asked.account) if asked else None
        if account is None or not await _is_still_live(reset_id):
            raise Refused({"": lazy("This link is not valid any more. Ask for a new one.")})
        practice = await practices.practice(viewer)
        passwords.must_be_good(
            password, again, [account.email, account.name, practice.name, practice.context_words, "client portal"]
        )
        now = clock.now()
        account.password_hash, account.password_changed_at = await passwords.hashed(password), now
        await account.save([Account.password_hash, Account.password_changed_at])
        await PasswordReset.update({PasswordReset.ended_at: now}).where(PasswordReset.id == reset_id)
        ended = await sessions.end_all(account.id)
        await throttle.forget(SIGN_IN_DOOR, account.email_key, await sessions.devices(account.id))
        known = viewer.on(account_id=account.id, name=account.name or account.email)
        await audit.record(known, "password.changed", subject_id=account.id, sessions_ended=ended)
        await outbox.record("password.changed", account.id)
    return int(account.id)


def token_of(reset: PasswordReset) -> str:
    return links.token("reset", reset.id, bytes(reset.nonce), reset.key_id)


async def _lock(account_id: int) -> Account | None:
    """Whoever asks for a link, uses one or changes the password waits here for whoever else does."""
    return await Account.objects().where(Account.id == account_id).lock_rows("NO KEY UPDATE").first()


async def _is_still_live(reset_id: int) -> bool:
    reset = await PasswordReset.objects().get(PasswordReset.id == reset_id)
    return reset is not None and _is_live(reset)


def _is_live(reset: PasswordReset) -> bool:
    return reset.ended_at is None and reset.expires_at > clock.now()
