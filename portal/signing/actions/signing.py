"""A client signs: what was filled in, the signature and the trail of it are one act."""

from typing import Any

from portal import clock, language, storage, uploads
from portal.access import NotFoundException, Viewer
from portal.database import fetch, transaction
from portal.documents.actions import rows, steps
from portal.documents.tables import Document, DocumentState, Purpose
from portal.filling import answers
from portal.filling.actions import sending
from portal.filling.tables import Submission
from portal.language import lazy
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.signing import words
from portal.signing.marks import Mark
from portal.signing.queries import asked, consents
from portal.signing.tables import How, Role, Signature
from portal.storage import Stored
from portal.uploads import Unfit

NOT_OPENED = Refused({"": lazy("Open it first, and read what you sign.")})
NO_CONSENT = Refused({"": lazy("You took your agreement to electronic records back: agree again, or sign on paper.")})
NO_INITIALS = Refused(initials=lazy("Type your initials: the form asks for them"))
LAST = "SELECT id, answers, sent_by FROM form_submission WHERE document = {} ORDER BY number DESC LIMIT 1"
CAME_IN = "SELECT created_at FROM session WHERE id = {}"


async def sign(viewer: Viewer, client_id: int, document_id: int, mark: Mark) -> None:
    """Once: what is pressed twice is one signature. Not inside a transaction: a drawing takes its time.

    Raises `Refused` where it is not complete, was changed since it was seen, or cannot be signed any more.
    """
    await asked.asked(viewer, client_id, document_id)
    stored = await _drawn(mark)
    is_kept = False
    try:
        async with transaction():
            row = await rows.of_client(viewer, client_id, document_id)
            if not await _is_done(viewer, row, mark.seen):
                await _sign(viewer, row, mark, stored)
                is_kept = True
    finally:
        if stored is not None and not is_kept:
            await storage.delete(stored.key)  # no row names it


async def _drawn(mark: Mark) -> Stored | None:
    """Only its ink is kept, whatever was sent. Raises `Refused`."""
    if not mark.drawing:
        return None
    try:
        return await storage.put((await uploads.mark(mark.drawing)).content)
    except Unfit as unfit:
        raise Refused(drawing=unfit.sentence) from unfit


async def _is_done(viewer: Viewer, row: Document, seen: str) -> bool:
    """Whether the same has just been signed by the same."""
    if row.state != DocumentState.WITH_PRACTICE:
        return False
    found = await fetch(LAST, row.id)
    every = await sending.asked_of(viewer, row)
    is_theirs = bool(found) and found[0]["sent_by"] == viewer.account_id
    return is_theirs and answers.shown(row.sha256, every, answers.read(found[0]["answers"])) == seen


async def _sign(viewer: Viewer, row: Document, mark: Mark, stored: Stored | None) -> None:
    if row.purpose != Purpose.SIGN:
        raise NotFoundException
    if row.state == DocumentState.PENDING:
        raise NOT_OPENED
    every = await sending.asked_of(viewer, row)
    if not mark.initials and any(asked.is_initialed(one) and one.required for one in every):
        raise NO_INITIALS
    consent = await consents.held(viewer)
    if consent is None:
        raise NO_CONSENT
    reach = asked.reach_of(viewer, row.client)
    title = language.in_language(row.title, row.title_es)
    sentence = words.intent(title, reach)
    if words.meant(sentence) != mark.meant:
        raise sending.CHANGED
    await steps.note(viewer, row, "signed")
    sent = await sending.submit(viewer, row.client, row.id, mark.seen)
    await signature(
        viewer, sent, mark, stored, role=Role.SIGNER, relation=reach.kind, intent=sentence, button=str(words.BUTTON),
        consent=consent.id,
    )  # fmt: skip


async def signature(viewer: Viewer, sent: Submission, mark: Mark, stored: Stored | None, **more: Any) -> None:
    """The row, with everything that says who it was and how."""
    zone = viewer.time_zone or (await practices.practice(viewer)).time_zone
    await Signature(
        submission=sent.id, account=viewer.account_id, signer=viewer.name, name=mark.name, initials=mark.initials,
        how=How.DRAWN if stored else How.TYPED, image_key=stored.key if stored else "",
        image_sha256=stored.sha256 if stored else b"", authentication=await _how_they_came_in(viewer),
        session=viewer.session_id, address=viewer.address, agent=viewer.agent[:300], time_zone=zone,
        language=language.current(), signed_at=clock.now(), **more,
    ).save()  # fmt: skip


async def _how_they_came_in(viewer: Viewer) -> str:
    found = await fetch(CAME_IN, viewer.session_id) if viewer.session_id else []
    return f"password, {found[0]['created_at']:%Y-%m-%d %H:%M:%S} UTC" if found else "password"
