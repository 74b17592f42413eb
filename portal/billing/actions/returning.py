"""Money that goes back, and payments that were never so: refunds and reversals."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from portal import audit, clock, outbox
from portal.access import NotFoundException, Permission, Viewer
from portal.billing import ways
from portal.billing.actions import ledger
from portal.billing.actions.ledger import Item
from portal.billing.actions.paying import AT_THE_DESK, RECEIPT
from portal.billing.queries import given
from portal.billing.tables import EntryKind, Method, Payment, Posting, PostingKind, Share
from portal.database import fetch, transaction
from portal.language import lazy
from portal.practice import numbers
from portal.practice import queries as practices
from portal.refusal import Refused

CREDIT = given.CREDIT
WAYS_BACK = (*AT_THE_DESK, Method.TRANSFER)
WITHOUT_MONEY = (
    PostingKind.INSURER, PostingKind.ADJUSTMENT, PostingKind.WRITE_OFF, PostingKind.RESPONSIBILITY, PostingKind.CREDIT,
)  # fmt: skip
VOIDED = """SELECT l.id FROM service_line AS l JOIN encounter AS e ON e.id = l.encounter
 WHERE l.id = ANY({}::bigint[]) AND e.voided_at IS NOT NULL"""
REFUNDED = "SELECT EXISTS (SELECT FROM payment WHERE refunds = {} AND reversed_at IS NULL) AS any"


@dataclass(frozen=True)
class Back:
    """`parts`: line → cents, 0 for what was credit; nothing is all of it. `seen` is the sum that was looked at."""

    method: str
    reason: str
    parts: Mapping[int, int] | None = None
    reference: str = ""
    key: str = ""
    seen: str = ""

    @property
    def sum(self) -> int | None:
        return None if self.parts is None else sum(self.parts.values())


async def returnable(viewer: Viewer, payment_id: int) -> dict[int, int]:
    """Line → what of the payment could still go back; 0 for credit, of which only what is still there."""
    row = await _payment(viewer, payment_id)
    return {} if row.reversed_at else await given.left(viewer, row.id, row.client)


async def by_hand(viewer: Viewer, payment_id: int) -> dict[int, int]:
    """The same, where somebody gives it back and not the portal. Raises `Refused` where it goes to the card."""
    row = await _payment(viewer, payment_id)
    if row.method != Method.CARD or viewer.is_portal:
        return await returnable(viewer, payment_id)
    most = await ways.not_to_card(viewer, payment_id)
    if most is None:
        raise ledger.BY_CARD
    return most


async def refund(viewer: Viewer, payment_id: int, back: Back) -> int:
    """Money is given back: what it had paid for is owed again. Returns the refund's own row. Raises `Refused`."""
    viewer.must(Permission.PAYMENT_REVERSE)
    if not back.reason:
        raise Refused(reason=lazy("Say why: it stands beside the refund"))
    if back.method not in (*WAYS_BACK, *((Method.CARD,) if viewer.is_portal else ())):
        raise Refused(method=lazy("Choose how it goes back"))
    async with transaction():
        row = await _payment(viewer, payment_id)
        await ledger.lock(viewer, row.client)
        if before := await ledger.posted_before(viewer, row.client, back.key, PostingKind.REFUND, back.sum):
            return int(before.payment)
        row = await _payment(viewer, payment_id)
        if row.payer or row.is_refund or row.reversed_at:
            raise Refused({"": lazy("This cannot be refunded. Look at it again.")})
        parts = wanted(back, await by_hand(viewer, payment_id))
        ledger.must_be_seen(back.seen, str(sum(parts.values())))
        made = Payment(
            client=row.client, is_refund=True, refunds=row.id, method=back.method, amount=sum(parts.values()),
            reference=back.reference, note=back.reason, taken_by=viewer.staff_id, made_at=clock.now(),
            received_on=clock.today((await practices.practice(viewer)).time_zone),
        )  # fmt: skip
        await made.save()
        items = [Item(EntryKind.REFUND, Share.CLIENT, cents, line or None) for line, cents in parts.items()]
        await ledger.post(
            viewer, row.client, PostingKind.REFUND, items, payment=made.id, reason=back.reason, key=back.key
        )
        await audit.record(viewer, "payment.refunded", client_id=row.client, subject_id=row.id)
        await outbox.record("payment.refunded", made.id, row.client)
        await numbers.give(viewer, RECEIPT, Payment, [made.id])
    return int(made.id)


async def reverse(viewer: Viewer, payment_id: int, reason: str, *, key: str = "") -> None:
    """It was entered wrongly, or the check bounced: as if it had never been, and both stay to be read.

    Raises `Refused` where a part of it went back already, or what it left to the client has been paid.
    """
    viewer.must(Permission.PAYMENT_REVERSE)
    if not reason:
        raise Refused(reason=lazy("Say why: it stands beside the payment"))
    async with transaction():
        client_id = (await _payment(viewer, payment_id)).client
        await ledger.lock(viewer, client_id)
        if await ledger.posted_before(viewer, client_id, key, PostingKind.REVERSAL, payment=payment_id):
            return
        row = await _payment(viewer, payment_id)
        ledger.must_be_by_hand(viewer, row.method)
        if row.reversed_at:
            raise ledger.REVERSED
        if (await fetch(REFUNDED, payment_id))[0]["any"]:
            raise Refused({"": lazy("A part of it was refunded. Reverse the refund first.")})
        posting = await fetch("SELECT id FROM posting WHERE payment = {} AND reverses IS NULL", payment_id)
        await _reverse(viewer, client_id, posting[0]["id"], payment_id, reason, key)
        row.reversed_at, row.reversed_by, row.reversal_reason = clock.now(), viewer.staff_id, reason
        await row.save([Payment.reversed_at, Payment.reversed_by, Payment.reversal_reason])
        await audit.record(viewer, "payment.reversed", client_id=client_id, subject_id=payment_id)
        await outbox.record("payment.reversed", payment_id, client_id)


async def take_back(viewer: Viewer, posting_id: int, reason: str, *, key: str = "") -> None:
    """What was posted without money: a decision, an adjustment, a write-off, credit that was applied."""
    viewer.must(Permission.LEDGER_ADJUST)
    if not reason:
        raise Refused(reason=lazy("Say why: it stands in the ledger"))
    async with transaction():
        row = await Posting.objects().where(viewer.reaches(Posting), Posting.id == posting_id).first()
        if row is None or not may_be_taken_back(row.kind, row.payment):
            raise NotFoundException
        await ledger.lock(viewer, row.client)
        if await ledger.posted_before(viewer, row.client, key, PostingKind.REVERSAL, reverses=posting_id):
            return
        await _reverse(viewer, row.client, posting_id, None, reason, key)
        await audit.record(viewer, "ledger.taken_back", client_id=row.client, subject_id=posting_id)


def may_be_taken_back(kind: str, payment: int | None) -> bool:
    """Money is reversed as a payment; what was recorded is voided as a visit."""
    return kind in WITHOUT_MONEY and payment is None


async def _reverse(
    viewer: Viewer, client_id: int, posting_id: int, payment_id: int | None, reason: str, key: str
) -> None:
    items = await ledger.reversing(viewer, posting_id)
    await ledger.post(
        viewer, client_id, PostingKind.REVERSAL, [*items, *await _settled(items)], payment=payment_id,
        reverses=posting_id, reason=reason, key=key,
    )  # fmt: skip


async def _settled(items: list[Item]) -> list[Item]:
    """A visit that was voided owes nothing, whatever is reversed: its money became credit, and is taken from there."""
    voided = {row["id"] for row in await fetch(VOIDED, sorted({one.line for one in items if one.line}))}
    moved: Counter[tuple[int | None, Share]] = Counter()
    for one in items:
        if one.line in voided:
            moved[one.line, one.share] += one.amount
            moved[None, Share.CLIENT] -= one.amount
    return [Item(EntryKind.TRANSFER, share, -cents, line) for (line, share), cents in moved.items()]


async def _payment(viewer: Viewer, payment_id: int) -> Payment:
    row = await Payment.objects().where(viewer.reaches(Payment), Payment.id == payment_id).first()
    if row is None:
        raise NotFoundException
    return row


def wanted(back: Back, most: Mapping[int, int]) -> dict[int, int]:
    """Line → what of it goes back, of what could. Raises `Refused`."""
    parts = dict(most) if back.parts is None else {line: cents for line, cents in back.parts.items() if cents}
    wrong: dict[str, object] = {
        f"line{line}": lazy("That is more than was paid for it")
        for line, cents in parts.items()
        if not 0 < cents <= most.get(line, 0)
    }
    if parts.keys() - most.keys():
        wrong = {"": ledger.CHANGED}
    if not parts:
        wrong[""] = lazy("Enter what goes back")
    if wrong:
        raise Refused(wrong)
    return parts
