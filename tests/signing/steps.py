"""Consents and signatures as they stand in the record."""

import hashlib

from portal import clock, storage
from portal.database import transaction
from portal.documents.actions import opening
from portal.documents.tables import Purpose
from portal.filling import answers
from portal.filling.tables import Submission
from portal.library.actions.adding import Words
from portal.signing.tables import Acceptance, ElectronicConsent, How, Role, Signature
from tests.cast import Cast
from tests.documents.steps import shared
from tests.filling.steps import maya, submitted
from tests.library.steps import a_form

WORDING = "I agree to receive and to sign records electronically."
INTENT = "I have read this document and I sign it."


TO_SIGN = Words("Consent", "Consentimiento", "To sign", "Para firmar", is_signed=True)


async def a_form_to_sign(cast: Cast, content: bytes, *, once: str = "one") -> int:
    """Shared, and opened by its client."""
    document_id = await shared(cast.client.id, await a_form(content, TO_SIGN), once=once, purpose=Purpose.SIGN)
    await opening.opened(maya(cast), cast.client.id, document_id)
    return document_id


async def a_consent(cast: Cast, part: str = "client") -> ElectronicConsent:
    """The one that is live, or else another."""
    account = ElectronicConsent.account == cast.accounts[part].id
    found = await ElectronicConsent.objects().where(account, ElectronicConsent.withdrawn_at.is_null()).first()
    if found is not None:
        return found
    row = ElectronicConsent(
        account=cast.accounts[part].id, language="en", wording=WORDING,
        wording_sha256=hashlib.sha256(WORDING.encode()).digest(), code="K7QM2X", asked_at=clock.now(),
        given_at=clock.now(), address="203.0.113.7", agent="Firefox",
    )  # fmt: skip
    await row.save()
    return row


async def signed(
    cast: Cast, document_id: int, name: str = "Maya Reyes", *, image: bytes = b"", initials: str = "MR", **more: object
) -> Submission:
    """Sent with its signature, in one transaction."""
    key = (await storage.put(image)).key if image else ""
    consent = await a_consent(cast)
    async with transaction():
        sent = await submitted(cast, document_id)
        told = {
            "role": Role.SIGNER, "account": cast.accounts["client"].id, "consent": consent.id, "signer": "Maya Reyes",
            "relation": "self", "how": How.DRAWN if image else How.TYPED, "name": name, "initials": initials,
            "image_key": key, "image_sha256": hashlib.sha256(image).digest() if image else b"", "intent": INTENT,
            "button": "Sign and send", "authentication": "Password, November 30, 2026, 2:00 PM", "session": 7,
            "address": "203.0.113.7", "agent": "Firefox", "time_zone": "America/New_York", "language": "en",
            "signed_at": clock.now(), **more,
        }  # fmt: skip
        await Signature(submission=sent.id, **told).save()
    return sent


async def accepted(cast: Cast, submission_id: int, added: dict[str, list[str]], name: str = "") -> None:
    """By a clinician, with what the practice fills in, and their signature where they give a `name`."""
    member, account = cast.accounts["clinician"].staff_member, cast.accounts["clinician"].id
    await Acceptance(
        submission=submission_id, answers=answers.canonical(added), answers_sha256=answers.digest(added),
        accepted_by=member, accepted_at=clock.now(),
    ).save()  # fmt: skip
    if name:
        await Signature(
            submission=submission_id, role=Role.PRACTICE, account=account, staff=member, signer="Dr. Ngozi Okafor",
            relation="clinician", how=How.TYPED, name=name, intent="I accept this document.", button="Accept",
            authentication="Password", time_zone="America/New_York", language="en", signed_at=clock.now(),
        ).save()  # fmt: skip
