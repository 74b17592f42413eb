"""Somebody agrees to electronic records, having shown that they reach them; or takes that back."""

import hashlib

from portal import audit, clock, language, outbox
from portal.access import NotFoundException, Viewer
from portal.database import fetch, transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.signing import codes
from portal.signing.queries import consents
from portal.signing.tables import ElectronicConsent

MOST_AN_HOUR = 10
NO_CODE = Refused(code=lazy("Open the PDF first: the code stands in it"))
WRONG = Refused(code=lazy("That is not the code: it stands at the end of the PDF that you opened last"))
WRONG_TOO_OFTEN = Refused(code=lazy("That was not the code five times. Open the PDF again: it has a new one."))


async def ask(viewer: Viewer, wording: str) -> ElectronicConsent:
    """For a PDF with a code: the same one until it was given or tried too often. Raises `Refused`."""
    if not consents.may_sign(viewer):
        raise NotFoundException
    async with transaction():
        await _alone(viewer)
        if found := await consents.live(viewer) or await consents.asked(viewer, wording):
            return found
        await _must_not_flood(viewer)
        row = ElectronicConsent(
            account=viewer.account_id, language=language.current(), wording=wording,
            wording_sha256=hashlib.sha256(wording.encode()).digest(), code=codes.fresh(), asked_at=clock.now(),
        )  # fmt: skip
        await row.save()
        await audit.record(viewer, "electronic_records.asked", subject_id=row.id)
    return row


async def agree(viewer: Viewer, wording: str, code: str) -> None:
    """To the words that stand on the page and in the PDF. Raises `Refused`, and keeps count of it."""
    async with transaction():
        await _alone(viewer)
        if await consents.live(viewer):
            return
        row = await consents.asked(viewer, wording)
        is_it = row is not None and codes.is_same(code, row.code)
        if row is not None and is_it:
            row.given_at, row.session = clock.now(), viewer.session_id
            row.address, row.agent = viewer.address, viewer.agent[:300]
            await row.save()
            await audit.record(viewer, "electronic_records.agreed", subject_id=row.id)
            await outbox.record("electronic_records.agreed", row.id)
        elif row is not None:
            row.tries += 1
            await row.save()
    if row is None:
        raise NO_CODE
    if not is_it:
        raise WRONG if row.tries < consents.MOST_TRIES else WRONG_TOO_OFTEN


async def withdraw(viewer: Viewer) -> None:
    """What was signed stays signed. Where nothing is agreed to, nothing happens."""
    async with transaction():
        await _alone(viewer)
        row = await consents.live(viewer)
        if row is None:
            return
        row.withdrawn_at = clock.now()
        await row.save([ElectronicConsent.withdrawn_at])
        await audit.record(viewer, "electronic_records.ended", subject_id=row.id)
        await outbox.record("electronic_records.ended", row.id)


async def _alone(viewer: Viewer) -> None:
    """One account asks, agrees and takes back one after the other."""
    await fetch("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"electronic-consent:{viewer.account_id}")


async def _must_not_flood(viewer: Viewer) -> None:
    rows = await fetch(
        "SELECT count(*) FROM electronic_consent WHERE account = {} AND asked_at > {}::timestamptz - interval '1 hour'",
        viewer.account_id,
        clock.now(),
    )
    if rows[0]["count"] >= MOST_AN_HOUR:
        raise Refused({"": lazy("That was a lot for one hour: wait a little, or call us.")})
