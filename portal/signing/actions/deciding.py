"""Staff take what was sent into the record, with what the practice adds; or give it back with a reason."""

from portal import clock, outbox
from portal.access import NotFoundException, Viewer
from portal.database import fetch, transaction
from portal.documents.actions import rows, steps
from portal.documents.actions.rows import become
from portal.documents.tables import Document, DocumentState
from portal.filling import answers
from portal.filling.actions import sending
from portal.filling.answers import Answers
from portal.filling.kinds import SENT
from portal.filling.tables import Submission
from portal.language import lazy
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.review import actions as review
from portal.review.actions import Stale
from portal.review.kinds import reason_told
from portal.signing import words
from portal.signing.actions import signing
from portal.signing.marks import Mark
from portal.signing.queries import sent as sendings
from portal.signing.tables import Acceptance, Role

MUST_SIGN = Refused(name=lazy("Type your name: the form has a place for the practice's signature"))
LAST = "SELECT max(id) AS id FROM form_submission WHERE document = {}"


async def accept(viewer: Viewer, submission_id: int, version: int, own: Answers, mark: Mark | None) -> None:
    """`own` answers the fields of the practice; `mark` signs for it. A copy of what was added follows.

    Raises `Stale`, and `Refused` where it must be signed for the practice.
    """
    async with transaction():
        sent, row = await _waiting(viewer, submission_id, version)
        every = await sending.asked_of(viewer, row)
        names = {one.name for one in every if sendings.is_own(one)}
        added = {name: list(values) for name, values in own.items() if name in names and values}
        if mark is None and sendings.must_be_countersigned(every):
            raise MUST_SIGN
        row.settled_by, row.settled_at = viewer.staff_id, clock.now()
        await become(viewer, row, DocumentState.ACCEPTED)
        await Acceptance(
            submission=sent.id, answers=answers.canonical(added), answers_sha256=answers.digest(added),
            accepted_by=viewer.staff_id, accepted_at=row.settled_at,
        ).save()  # fmt: skip
        if mark is not None:
            await _countersign(viewer, row, sent, mark)
        await steps.note(viewer, row, "accepted")
        await review.settle_items(viewer, [SENT.name], row.id, "accepted")
        await outbox.record("document.accepted", row.id, row.client)
        if added or mark is not None:
            await outbox.send_on(sending.ACTOR, sent.id, f"{sending.ACTOR}:{sent.id}:accepted")


async def _countersign(viewer: Viewer, row: Document, sent: Submission, mark: Mark) -> None:
    sentence = words.intent_of_the_practice(row.title, (await practices.practice(viewer)).name)
    if words.meant(sentence) != mark.meant:
        raise sending.CHANGED
    await signing.signature(
        viewer, sent, mark, None, role=Role.PRACTICE, staff=viewer.staff_id, relation=str(viewer.role),
        intent=sentence, button=str(words.BUTTON_OF_THE_PRACTICE),
    )  # fmt: skip
    await steps.note(viewer, row, "countersigned")


async def give_back(viewer: Viewer, submission_id: int, version: int, common_reason: str, reason: str) -> None:
    """The client reads why, and finds the answers as they were. Raises `Stale`, and `Refused` without a reason."""
    if not common_reason and not reason:
        raise Refused(reason=lazy("Say what the client should do: choose a reason, or write one"))
    async with transaction():
        _, row = await _waiting(viewer, submission_id, version)
        row.common_reason, row.reason = common_reason, reason
        row.settled_by, row.settled_at = viewer.staff_id, clock.now()
        await become(viewer, row, DocumentState.RETURNED)
        await steps.note(viewer, row, "returned", reason_told(common_reason, reason))
        await review.settle_items(viewer, [SENT.name], row.id, "returned", reason_told(common_reason, reason))
        await outbox.record("document.returned", row.id, row.client)


async def _waiting(viewer: Viewer, submission_id: int, version: int) -> tuple[Submission, Document]:
    """Locked, and as it was seen."""
    sent = await Submission.objects().where(Submission.id == submission_id).first()
    if sent is None:
        raise NotFoundException
    row = await rows.of_staff(viewer, sent.document)
    (last,) = await fetch(LAST, row.id)
    if row.state != DocumentState.WITH_PRACTICE or row.version != version or last["id"] != sent.id:
        raise Stale
    return sent, row
