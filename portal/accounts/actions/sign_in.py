"""Signing in and out."""

from dataclasses import dataclass

from portal import audit
from portal.access import Viewer
from portal.accounts import passwords, queries, sessions, throttle
from portal.accounts.tables import Account
from portal.database import transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.review import actions as review

DOOR = "sign-in"


@dataclass(frozen=True)
class SignedIn:
    """What the browser keeps from here on."""

    account_id: int
    session_token: str
    device_token: str


async def sign_in(viewer: Viewer, email: str, password: str, device_token: str) -> SignedIn:
    """The same words and the same time whether or not the account exists. Raises `TooMany` where it must wait."""
    account = await queries.account_by_email(viewer, email.strip())
    known = await sessions.is_known_device(account.id if account else 0, device_token)
    device = sessions.hash_of(device_token).hex() if known else ""
    await throttle.knock(DOOR, email.strip().casefold(), viewer.address, device=device)
    right = await passwords.matches(account.password_hash if account else "", password)
    if account is None or not right or account.is_suspended:
        await audit.record(viewer, "sign_in.refused", subject_id=account.id if account else None)
        raise Refused({"": lazy("The e-mail or the password is not right. Check both and try again.")})
    async with transaction():
        await throttle.let_in(DOOR, account.email_key, viewer.address, device=device)
        return await start(viewer, account, password, device_token)


async def start(viewer: Viewer, account: Account, password: str, device_token: str, notice: object = "") -> SignedIn:
    """A fresh session for somebody who has proved who they are; the one they came with ends."""
    async with transaction():
        if password and passwords.needs_rehash(account.password_hash):
            account.password_hash = await passwords.hashed(password)
            await account.save([Account.password_hash])
        if viewer.session_id:
            await sessions.end(viewer.session_id)
        token = await sessions.begin(account.id, viewer.address, viewer.agent, notice)
        device = await sessions.know_device(account.id, device_token)
        await audit.record(
            viewer.on(account_id=account.id, name=account.name or account.email), "sign_in.done", subject_id=account.id
        )
    return SignedIn(account.id, token, device)


async def start_registered(viewer: Viewer, account_id: int, device_token: str, notice: object) -> SignedIn:
    """Straight from registration or a new password to the portal."""
    account = await Account.objects().get(Account.id == account_id)
    assert account is not None
    return await start(viewer, account, "", device_token, notice)


async def sign_out(viewer: Viewer) -> None:
    async with transaction():
        if viewer.session_id:
            await sessions.end(viewer.session_id)
        await review.release(viewer)
        await audit.record(viewer, "sign_out.done", subject_id=viewer.account_id)


async def choose_language(viewer: Viewer, language: str) -> None:
    if viewer.account_id:
        await Account.update({Account.language: language}).where(Account.id == viewer.account_id)
