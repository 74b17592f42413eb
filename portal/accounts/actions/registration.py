"""Registering: from an opened invitation to an account that reaches its client."""

from dataclasses import dataclass
from datetime import date

from portal import audit, clock, language, outbox
from portal.access import Area, Viewer
from portal.accounts import kinds, passwords
from portal.accounts.tables import Account, Invitation, InvitationState
from portal.clients.names import squeezed
from portal.clients.tables import Client
from portal.database import fetch, refusing, transaction
from portal.language import lazy
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.review import actions as review

MOST_WRONG = 5
EVERY_AREA = [str(area) for area in Area]


def is_live(invitation: Invitation) -> bool:
    return invitation.state == InvitationState.OPEN and invitation.expires_at > clock.now()


async def confirm(viewer: Viewer, invitation_id: int, last_name: str, birth_date: date) -> None:
    """Last name and birth date of the *client*, whoever registers. Five wrong tries close the link."""
    async with transaction():
        invitation = await _locked(invitation_id)
        client = await Client.objects().get(Client.id == invitation.client)
        assert client is not None
        expected = squeezed(client.family_name) or squeezed(client.given_name)
        if expected and squeezed(last_name) == expected and birth_date == client.birth_date:
            await audit.record(viewer, "invitation.confirmed", client_id=client.id, subject_id=invitation_id)
            return
        left = await _count_wrong(viewer, invitation)
    if left:
        raise Refused(last_name=lazy("The last name and date of birth do not match. Tries left: %(left)s", left=left))
    raise Refused({"": lazy("This invitation is closed after five tries. The office has been told and will help you.")})


@dataclass(frozen=True)
class Standing:
    """What the registration pages show: where the invitation went, and whether that address has an account.

    `is_own` where who is signed in gains the client: by the address, or by a printed invitation, which has none.
    """

    id: int
    email: str
    is_live: bool
    has_account: bool
    is_own: bool
    kind: str
    is_used: bool = False


async def standing(viewer: Viewer, invitation_id: int) -> Standing | None:
    """For a browser that has opened this invitation."""
    found = await Invitation.objects().get(Invitation.id == invitation_id)
    if found is None:
        return None
    has_account = bool(found.email) and await Account.exists().where(Account.email_key == found.email_key)
    return Standing(
        found.id,
        found.email,
        is_live(found),
        has_account,
        _is_for(viewer, found),
        found.kind,
        found.state == InvitationState.USED,
    )


async def is_for_account(viewer: Viewer, invitation_id: int) -> bool:
    """Whether the viewer's own account was invited; an address with an account must sign in first."""
    now = await standing(viewer, invitation_id)
    if now is None or (now.has_account and not now.is_own):
        raise Refused({"": lazy("Sign in with the e-mail address that the invitation was sent to.")})
    return now.is_own


async def register(viewer: Viewer, invitation_id: int, password: str, again: str, *, email: str = "") -> int:
    """A new account for the invitation's address, reaching its client; a printed invitation takes the address typed.

    Returns the account's id.
    """
    async with transaction():
        invitation = await _locked(invitation_id)
        address = invitation.email or email
        practice = await practices.practice(viewer)
        context = [address, invitation.holder_name, practice.name, practice.context_words, "client portal"]
        passwords.must_be_good(password, again, context)
        now = clock.now()
        account = Account(
            email=address,
            email_key=address.casefold(),
            name=invitation.holder_name,
            password_hash=await passwords.hashed(password),
            password_changed_at=now,
            language=language.current(),
            created_at=now,
        )
        taken = lazy("This address has an account already. Sign in to add this client to it.")
        with refusing(account_email=Refused(email=taken) if email else Refused({"": taken})):
            await account.save()
        await _grant(viewer, invitation, account.id)
        known = viewer.on(account_id=account.id, name=account.name)
        await audit.record(known, "account.registered", client_id=invitation.client, subject_id=account.id)
        await outbox.record("account.registered", account.id, invitation.client)
    return int(account.id)


async def gain(viewer: Viewer, invitation_id: int) -> int:
    """The account that is signed in, and was invited, reaches one client more. Returns the client's id."""
    async with transaction():
        invitation = await _locked(invitation_id)
        if viewer.account_id is None or not _is_for(viewer, invitation):
            raise Refused({"": lazy("Sign in with the e-mail address that the invitation was sent to.")})
        await _grant(viewer, invitation, viewer.account_id)
        await audit.record(viewer, "portal_access.gained", client_id=invitation.client, subject_id=invitation.id)
        await outbox.record("portal_access.gained", invitation.id, invitation.client)
    return int(invitation.client)


def _is_for(viewer: Viewer, invitation: Invitation) -> bool:
    """Staff who hand a printed invitation over do not gain the client by a browser in which they are signed in."""
    if not invitation.email:
        return viewer.is_signed_in and not viewer.is_staff
    return viewer.is_signed_in and viewer.email.casefold() == invitation.email_key


async def _locked(invitation_id: int) -> Invitation:
    """The row, held until the end of the transaction. Raises `Refused` if it is not live any more."""
    found = await Invitation.objects().where(Invitation.id == invitation_id).lock_rows("UPDATE").first()
    if found is None or not is_live(found):
        raise Refused({"": lazy("This invitation is not valid any more. Ask the practice for a new one.")})
    return found


async def _count_wrong(viewer: Viewer, invitation: Invitation) -> int:
    tries = invitation.wrong_tries + 1
    changes: dict[object, object] = {Invitation.wrong_tries: tries}
    if tries >= MOST_WRONG:
        changes |= {Invitation.state: InvitationState.LOCKED, Invitation.ended_at: clock.now()}
        url = f"/staff/clients/{invitation.client}"
        await review.open_item(viewer, kinds.LOCKED.name, invitation.client, url, invitation.client)
    await Invitation.update(changes).where(Invitation.id == invitation.id)  # type: ignore[arg-type]
    await audit.record(
        viewer, "invitation.wrong_try", client_id=invitation.client, subject_id=invitation.id, tries=tries
    )
    return MOST_WRONG - tries


async def _grant(viewer: Viewer, invitation: Invitation, account_id: int) -> None:
    now = clock.now()
    await fetch(
        "INSERT INTO access_grant (account, client, kind, areas, starts_at, granted_by) VALUES ({}, {}, {}, {}, {}, {})"
        " ON CONFLICT (account, client) WHERE ends_at IS NULL DO NOTHING",
        account_id,
        invitation.client,
        invitation.kind,
        EVERY_AREA,
        now,
        invitation.sent_by,
    )
    await Invitation.update(
        {Invitation.state: InvitationState.USED, Invitation.ended_at: now, Invitation.account: account_id}
    ).where(Invitation.id == invitation.id)
    await review.settle_items(viewer, [kinds.LOCKED.name, kinds.RENEWAL_ASKED.name], invitation.client)
