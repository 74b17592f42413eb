"""Opening an invitation, by the letter's link or by its typed code. Nothing is consumed by it."""

from portal import audit, keys
from portal.access import Viewer
from portal.accounts import kinds, links, throttle
from portal.accounts.actions.registration import is_live
from portal.accounts.tables import Invitation, InvitationState
from portal.database import transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.review import actions as review

DOOR = "code"


async def by_token(viewer: Viewer, token: str) -> Invitation | None:
    """Whatever state it is in; None for a link that this portal never made."""
    row_id = links.row_id(token)
    found = await Invitation.objects().get(Invitation.id == row_id) if row_id else None
    if found is None or not links.is_token(token, "invitation", found.id, bytes(found.nonce), found.key_id):
        return None
    return found


async def by_code(viewer: Viewer, code: str) -> Invitation:
    """An open invitation whose code was typed, live or expired. Raises `Refused`, and `TooMany` for who guesses."""
    await throttle.knock(DOOR, viewer.address, viewer.address, most=throttle.ENDLESS)
    digests = [links.code_digest("invitation", code, key_id) for key_id in keys.all_ids()]
    found = (
        await Invitation.objects()
        .where(Invitation.code_digest.is_in(digests), Invitation.state == InvitationState.OPEN)
        .first()
    )
    if found is None:
        raise Refused(code=lazy("That code is not right, or it is no longer valid. Check it against the letter."))
    await throttle.let_in(DOOR, viewer.address, viewer.address)
    return found


async def ask_again(viewer: Viewer, invitation: Invitation) -> None:
    """From an expired link: staff see that a new one is wanted. Once, however often the button is pressed."""
    if is_live(invitation) or invitation.state == InvitationState.USED:
        return
    async with transaction():
        url = f"/staff/clients/{invitation.client}"
        await review.open_item(viewer, kinds.RENEWAL_ASKED.name, invitation.client, url, invitation.client)
        await audit.record(viewer, "invitation.renewal_asked", client_id=invitation.client, subject_id=invitation.id)
