"""Inviting: staff activate, resend, revoke and change who holds a client's portal access."""

from datetime import timedelta
from typing import Any

from portal import audit, clock, keys, outbox
from portal.access import Permission, Viewer
from portal.accounts import links, sessions
from portal.accounts.kinds import OF_INVITATIONS
from portal.accounts.tables import Grant, GrantKind, Invitation, InvitationState
from portal.clients import actions as client_actions
from portal.clients import queries as clients
from portal.clients import record
from portal.clients.tables import Client
from portal.database import refusing, transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.review import actions as review

LIVES = timedelta(days=7)
BRAKE = timedelta(minutes=1)


async def invite(
    viewer: Viewer,
    client_id: int,
    *,
    email: str = "",
    kind: GrantKind = GrantKind.SELF,
    holder_name: str = "",
    language: str = "en",
    keeps_email: bool = False,
) -> Invitation:
    """A new link and code for seven days; whatever was open before is dead. Without e-mail it is for the printer.

    `keeps_email` puts the address on the chart, where it is the client's own and new.
    """
    viewer.must(Permission.PORTAL_ACCESS_MANAGE)
    async with transaction():
        client = await _locked_client(viewer, client_id)
        _must_be_invitable(client)
        await _close_open(client_id, InvitationState.REPLACED)
        nonce, key_id, now = links.nonce(), keys.newest_id(), clock.now()
        invitation = Invitation(
            client=client_id,
            kind=kind,
            holder_name=(holder_name or client.name)[:200],
            email=email,
            email_key=email.casefold(),
            language=language,
            nonce=nonce,
            key_id=key_id,
            sent_at=now,
            expires_at=now + LIVES,
            sent_by=viewer.staff_id,
            code_digest=links.code_digest("invitation", links.code("invitation", nonce, key_id), key_id),
        )
        with refusing(open_invitation=Refused({"": lazy("Somebody else has just sent an invitation. Look again.")})):
            await invitation.save()
        await review.settle_items(viewer, OF_INVITATIONS, client_id)
        await audit.record(
            viewer, "invitation.sent", client_id=client_id, subject_id=invitation.id, kind=kind, printed=not email
        )
        if keeps_email:
            await client_actions.keep_email(viewer, client_id, email)
        if email:
            await outbox.record("invitation.sent", invitation.id, client_id)
    return invitation


async def activate(viewer: Viewer, client_id: int, **who: Any) -> Invitation:
    """The first invitation, or one after a revocation; where somebody holds access, ownership is changed instead."""
    async with transaction():
        made = await invite(viewer, client_id, **who)
        await _must_have_no_holder(client_id)
    return made


async def resend(viewer: Viewer, client_id: int) -> Invitation:
    """To the same person, with a link of its own: the old one dies."""
    last = (
        await Invitation.objects()
        .where(Invitation.client == client_id)
        .order_by(Invitation.id, ascending=False)
        .first()
    )
    if last is None or last.state != InvitationState.OPEN:
        raise Refused({"": lazy("There is no invitation to send again. Activate portal access instead.")})
    if last.sent_at > clock.now() - BRAKE:
        raise Refused({"": lazy("An invitation went out less than a minute ago. Wait a moment, then send it again.")})
    return await activate(
        viewer,
        client_id,
        email=last.email,
        kind=GrantKind(last.kind),
        holder_name=last.holder_name,
        language=last.language,
    )


async def revoke(viewer: Viewer, client_id: int) -> None:
    """Nobody reaches this client through the portal any more: link dead, grants ended, sessions ended, now."""
    viewer.must(Permission.PORTAL_ACCESS_MANAGE)
    async with transaction():
        await _locked_client(viewer, client_id)
        await _close_open(client_id, InvitationState.REVOKED)
        ended = await _end_grants(viewer, client_id)
        await review.settle_items(viewer, OF_INVITATIONS, client_id)
        await audit.record(viewer, "portal_access.revoked", client_id=client_id, accounts=ended)
        await outbox.record("portal_access.revoked", client_id, client_id)


async def change_owner(viewer: Viewer, client_id: int, **who: Any) -> Invitation:
    """Portal access passes to somebody else: the present holder loses it, the new one is invited."""
    viewer.must(Permission.PORTAL_ACCESS_MANAGE)
    async with transaction():
        await _locked_client(viewer, client_id)
        await _close_open(client_id, InvitationState.REPLACED)
        ended = await _end_grants(viewer, client_id)
        await audit.record(viewer, "portal_access.owner_changed", client_id=client_id, accounts=ended)
        return await invite(viewer, client_id, **who)


async def printed(viewer: Viewer, client_id: int) -> tuple[Invitation, str, str]:
    """The open invitation with its link's token and its code, to be printed and handed over."""
    viewer.must(Permission.PORTAL_ACCESS_MANAGE)
    await clients.client(viewer, client_id)
    invitation = (
        await Invitation.objects()
        .where(
            Invitation.client == client_id,
            Invitation.state == InvitationState.OPEN,
            Invitation.expires_at > clock.now(),
        )
        .first()
    )
    if invitation is None or not keys.knows(invitation.key_id):
        raise Refused({"": lazy("There is no open invitation to print. Send a new one first.")})
    await audit.record(viewer, "invitation.printed", client_id=client_id, subject_id=invitation.id)
    return invitation, token_of(invitation), links.code("invitation", bytes(invitation.nonce), invitation.key_id)


def token_of(invitation: Invitation) -> str:
    return links.token("invitation", invitation.id, bytes(invitation.nonce), invitation.key_id)


async def _locked_client(viewer: Viewer, client_id: int) -> Client:
    """Whoever manages a client's access waits here for whoever else does."""
    client = await clients.client(viewer, client_id)
    await record.lock(viewer, client_id)
    return client


def _must_be_invitable(client: Client) -> None:
    if client.deceased_on:
        raise Refused({"": lazy("This client has died. Portal access cannot be opened.")})
    if not client.is_active:
        raise Refused({"": lazy("This chart is closed. Portal access cannot be opened.")})
    if client.birth_date is None:
        raise Refused({"": lazy("Put the full date of birth on the chart first: it is what the client confirms.")})


async def _must_have_no_holder(client_id: int) -> None:
    """Asked after the older invitation is closed: whoever was just registering has finished, or found it closed."""
    if await Grant.exists().where(Grant.client == client_id, Grant.ends_at.is_null()):
        raise Refused({"": lazy("Somebody holds portal access already. Choose “Change owner” instead.")})


async def _close_open(client_id: int, state: InvitationState) -> None:
    await Invitation.update({Invitation.state: state, Invitation.ended_at: clock.now()}).where(
        Invitation.client == client_id, Invitation.state == InvitationState.OPEN
    )


async def _end_grants(viewer: Viewer, client_id: int) -> list[int]:
    """Ended means now: sessions of these accounts end too, and they sign in again for whomever they still reach."""
    rows = await (
        Grant.update({Grant.ends_at: clock.now(), Grant.ended_by: viewer.staff_id})
        .where(Grant.client == client_id, Grant.ends_at.is_null())
        .returning(Grant.account)
    )
    accounts = sorted({row["account"] for row in rows})
    for account_id in accounts:
        await sessions.end_all(account_id)
    return accounts
