"""The one way into the ledger: what belongs together is posted at once, and what was wrong is posted the other way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal import audit, clock, outbox
from portal.access import NotFoundException, Viewer
from portal.billing.tables import Entry, EntryKind, LedgerAccount, Method, Posting, PostingKind, Share
from portal.clients.tables import Client
from portal.database import fetch, refusing, transaction
from portal.language import lazy
from portal.practice import queries as practices
from portal.refusal import Refused

REVERSED = Refused({"": lazy("This has been reversed already. Look at the account again.")})
PAID = Refused({"": lazy("That is more than the client owes for one of these services. Look at the account again.")})
DECIDED = Refused(
    {"": lazy("That is more than is waiting for insurance for one of these services. Look at the account again.")}
)
SPENT = Refused(
    {"": lazy("What was paid ahead has paid for something else meanwhile. Take that back first, on the account.")}
)
BY_CARD = Refused({"": lazy("It was paid by card in the portal: it goes back to the card, and is posted by itself.")})
SENT = Refused({"": lazy("This form was sent already. Look at the account before you begin another.")})
CHANGED = lazy("The account has changed meanwhile. Look at this once more: it shows how it stands now.")
ENTRIES = """
SELECT e.id, e.line, e.kind, e.share, e.amount FROM entry AS e
 WHERE e.posting = {} AND e.reverses IS NULL AND NOT EXISTS (SELECT FROM entry AS r WHERE r.reverses = e.id)
 ORDER BY e.id
"""
CAME_TO = """
SELECT greatest(-sum(least(amount, 0)), sum(greatest(amount, 0)), 0)::bigint AS cents FROM entry WHERE posting = {}
"""


@dataclass(frozen=True)
class Item:
    """Cents by which grows what is owed for the line, by whose share; without a line, what shrinks the credit."""

    kind: EntryKind
    share: Share
    amount: int
    line: int | None = None
    reverses: int | None = None


async def lock(viewer: Viewer, client_id: int) -> LedgerAccount:
    """Whoever posts to a client waits here for whoever else does. Not found outside one's reach."""
    if not await Client.exists().where(viewer.reaches(Client), Client.id == client_id):
        raise NotFoundException
    await fetch("INSERT INTO ledger_account (client) VALUES ({}) ON CONFLICT DO NOTHING", client_id)
    row = await LedgerAccount.objects().where(LedgerAccount.client == client_id).first().lock_rows("UPDATE")
    assert row is not None
    return row


async def posted_before(
    viewer: Viewer, client_id: int, key: str, kind: PostingKind, cents: int | None = None, **told: object
) -> Posting | None:
    """What the same form has done already, when it arrives again. Ask under the lock.

    `cents` and what else of the posting is `told` must be what it was then: somebody who went back and typed another
    sum would take it for posted. Raises `Refused`.
    """
    if not key:
        return None
    row = await Posting.objects().where(Posting.key == key).first()
    if row is None:
        return None
    told = {"client": client_id, "kind": kind, **told}
    if any(getattr(row, name) != value for name, value in told.items()):
        raise SENT
    if cents is not None and (await fetch(CAME_TO, row.id))[0]["cents"] != cents:
        raise SENT
    return row


def must_be_by_hand(viewer: Viewer, method: str) -> None:
    """What moved at Stripe is posted when Stripe says that it moved, and by nobody else. Raises `Refused`."""
    if method == Method.CARD and not viewer.is_portal:
        raise BY_CARD


def must_be_seen(seen: str, now: str) -> None:
    """What somebody has looked at, and what they agree to. Nothing where nobody looked. Raises `Refused`."""
    if seen and seen != now:
        raise Refused(changed=CHANGED)


async def post(
    viewer: Viewer,
    client_id: int,
    kind: PostingKind,
    items: Sequence[Item],
    *,
    counts_on: date | None = None,
    payment: int | None = None,
    reverses: int | None = None,
    reason: str = "",
    key: str = "",
) -> int:
    """Under `lock`. What adds comes first, so that a sum is below zero only where it ends there. Raises `Refused`."""
    async with transaction():
        posting = Posting(
            client=client_id, kind=str(kind), payment=payment, reverses=reverses, reason=reason, key=key,
            counts_on=counts_on or clock.today((await practices.practice(viewer)).time_zone),
            made_at=clock.now(), made_by=viewer.staff_id,
        )  # fmt: skip
        with refusing(
            posting_once=SENT,
            posting_reversed_once=REVERSED,
            entry_reversed_once=REVERSED,
            line_of_client_is_not_overpaid=PAID,
            line_of_insurer_is_not_overpaid=DECIDED,
            account_credit_is_there=SPENT,
        ):
            await posting.save()
            entries = [
                Entry(
                    posting=posting.id, client=client_id, line=one.line, kind=str(one.kind), share=str(one.share),
                    amount=one.amount, reverses=one.reverses,
                )
                for one in sorted(items, key=lambda one: one.amount < 0)
                if one.amount
            ]  # fmt: skip
            if entries:
                await Entry.insert(*entries)
        await audit.record(viewer, "ledger.posted", client_id=client_id, subject_id=posting.id, kind=str(kind))
        await outbox.record("ledger.posted", posting.id, client_id)
    return int(posting.id)


async def reversing(viewer: Viewer, posting_id: int) -> list[Item]:
    """The entries of a posting, the other way round; without those that were reversed one by one."""
    return [
        Item(EntryKind(row["kind"]), Share(row["share"]), -row["amount"], row["line"], row["id"])
        for row in await fetch(ENTRIES, posting_id)
    ]
