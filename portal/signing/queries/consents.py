"""Whether somebody has agreed to electronic records, and the code that is asked of who has not."""

from portal.access import Area, Viewer
from portal.database import fetch
from portal.signing.tables import ElectronicConsent

MOST_TRIES = 5
C = ElectronicConsent


def may_sign(viewer: Viewer) -> bool:
    """Whether there is anybody whose documents are theirs to sign."""
    return any(Area.DOCUMENTS in grant.areas for grant in viewer.grants)


async def live(viewer: Viewer) -> ElectronicConsent | None:
    """Given, and not taken back."""
    mine = C.account == (viewer.account_id or 0), C.given_at.is_not_null(), C.withdrawn_at.is_null()
    return await C.objects().where(*mine).first()


async def held(viewer: Viewer) -> ElectronicConsent | None:
    """The same inside the transaction of a signature: whoever takes it back waits until that has ended."""
    await fetch("SELECT id FROM electronic_consent WHERE account = {} FOR SHARE", viewer.account_id)
    return await live(viewer)


async def asked(viewer: Viewer, wording: str) -> ElectronicConsent | None:
    """The last whose code was made out to them beside these very words, and may still be tried."""
    mine = C.account == (viewer.account_id or 0), C.given_at.is_null(), C.wording == wording, C.tries < MOST_TRIES
    return await C.objects().where(*mine).order_by(C.id, ascending=False).first()


async def of(viewer: Viewer, consent_id: int) -> ElectronicConsent | None:
    return await C.objects().where(C.account == (viewer.account_id or 0), C.id == consent_id).first()
