"""What of card payments somebody has to look at: an item for staff, and a place among the work of billers."""

from portal.access import Permission, Viewer
from portal.database import fetch
from portal.payments import kinds
from portal.payments.tables import PaymentAttempt
from portal.review import actions as review
from portal.review.kinds import Kind
from portal.review.tables import ReviewItem


async def tell(
    viewer: Viewer, kind: Kind, subject_id: int, client_id: int | None, about: str, *, url: str = kinds.URL
) -> None:
    """Nobody finds in the queue what they may not look into."""
    await review.open_item(viewer, kind.name, subject_id, url, client_id, about, needs=Permission.PAYMENT_REVERSE)


async def has_no_answer(viewer: Viewer, row: PaymentAttempt) -> None:
    """Once for each attempt; somebody may have looked at it already."""
    told = await ReviewItem.exists().where(ReviewItem.kind == kinds.STUCK.name, ReviewItem.subject_id == row.id)
    if not told:
        url = kinds.attempt_url(row.client, row.public)
        await tell(viewer, kinds.STUCK, row.id, row.client, str(row.amount), url=url)


async def has_ended(viewer: Viewer, row: PaymentAttempt) -> None:
    """Inside the transaction in which it ended: nobody has to see to it any more."""
    await review.settle_items(viewer, [kinds.STUCK.name], row.id, "ended")


async def locked_out(viewer: Viewer) -> None:
    """Our key is wrong, or has been changed: no card can be charged until somebody sees to it."""
    await tell(viewer, kinds.TROUBLE, kinds.PRACTICE, None, "locked")


async def let_in(viewer: Viewer) -> None:
    """Stripe has answered: the key is right again."""
    await review.settle_items(viewer, [kinds.TROUBLE.name], kinds.PRACTICE)


async def looked_at(viewer: Viewer, item_id: int) -> None:
    """Settled by whoever has seen to it. One of another kind, or outside one's reach, is left as it is."""
    viewer.must(Permission.PAYMENT_REVERSE)
    names = [one.name for one in kinds.ALL]
    rows = await fetch(
        "SELECT kind, subject_id FROM review_item WHERE id = {} AND kind = ANY({}::text[]) AND settled_at IS NULL"
        " AND (client IS NULL OR {})",
        item_id,
        names,
        viewer.reaches(ReviewItem).querystring,
    )
    for row in rows:
        await review.settle_items(viewer, [row["kind"]], row["subject_id"], "seen")
