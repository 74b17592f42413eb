"""What of card payments somebody has to look at, and what went back to a card."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.access import Permission, Viewer
from portal.clients.names import full_name
from portal.database import fetch
from portal.payments import declines, kinds
from portal.payments.tables import CardRefund
from portal.practice.queries import name_of
from portal.review.kinds import kind_of
from portal.review.tables import ReviewItem

MOST = 100
# A refund's item names the refund, or below zero the dispute; a trouble's names the attempt.
OPEN = f"""
SELECT review_item.id, review_item.kind, review_item.about, review_item.opened_at, review_item.client AS client_id,
       c.given_name, c.family_name, c.suffix, coalesce(r.paid, d.paid, a.payment) AS payment_id,
       a.public AS attempt
  FROM review_item LEFT JOIN client AS c ON c.id = review_item.client
  LEFT JOIN card_refund AS r ON review_item.kind = 'card.refund' AND r.id = review_item.subject_id
  LEFT JOIN card_dispute AS d ON d.id = CASE review_item.kind WHEN 'card.dispute' THEN review_item.subject_id
                                        WHEN 'card.refund' THEN -review_item.subject_id END
  LEFT JOIN payment_attempt AS a ON review_item.kind IN ('card.trouble', 'card.stuck') AND a.id = review_item.subject_id
 WHERE review_item.kind = ANY({{}}::text[]) AND review_item.settled_at IS NULL
   AND (review_item.client IS NULL OR {{}}) ORDER BY review_item.id LIMIT {MOST}
"""
LAST = "SELECT * FROM card_reconciliation ORDER BY id DESC LIMIT 1"
BACK = f"""
SELECT card_refund.id, card_refund.amount, card_refund.state, card_refund.code, card_refund.reason,
       card_refund.made_at, card_refund.payment AS payment_id, {name_of("m")} AS by
  FROM card_refund LEFT JOIN staff_member AS m ON m.id = card_refund.staff
 WHERE card_refund.paid = {{}} AND {{}} ORDER BY card_refund.id
"""
DISPUTED = """
SELECT state, amount, taken, fee, reason, due_at, made_at, payment AS payment_id FROM card_dispute
 WHERE paid = {} ORDER BY id
"""


@dataclass(frozen=True)
class Trouble:
    id: int
    title: object
    line: object
    client_id: int | None
    name: str
    payment_id: int | None
    attempt: UUID | None
    opened_at: datetime


@dataclass(frozen=True)
class Compared:
    """How Stripe's books and ours compared last. Cents."""

    made_at: datetime
    since: datetime
    charges_there: int
    charged_there: int
    charges_here: int
    charged_here: int
    refunds_there: int
    refunded_there: int
    refunds_here: int
    refunded_here: int
    differences: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Going:
    """A refund to a card, on its way or at its end."""

    id: int
    amount: int
    state: str
    code: str
    reason: str
    made_at: datetime
    payment_id: int | None
    by: str

    @property
    def why(self) -> object:
        """Why it did not go; nothing where it did."""
        return declines.returned(self.code) if self.code else ""


@dataclass(frozen=True)
class Disputed:
    state: str
    amount: int
    taken: int
    fee: int
    reason: str
    due_at: datetime | None
    made_at: datetime
    payment_id: int | None

    @property
    def said(self) -> object:
        return kinds.STATES[self.state]


async def open_ones(viewer: Viewer) -> list[Trouble]:
    """No more than a page can hold, the oldest first."""
    viewer.must(Permission.PAYMENT_REVERSE)
    rows = await fetch(OPEN, [one.name for one in kinds.ALL], viewer.reaches(ReviewItem).querystring)
    return [
        Trouble(
            row["id"], kind_of(row["kind"]).title, kind_of(row["kind"]).says(row["about"]), row["client_id"],
            full_name(row) if row["client_id"] else "", row["payment_id"], row["attempt"],
            row["opened_at"],
        )
        for row in rows
    ]  # fmt: skip


async def last_compared(viewer: Viewer) -> Compared | None:
    viewer.must(Permission.PAYMENT_REVERSE)
    for row in await fetch(LAST):
        told = {name: row[name] for name in Compared.__dataclass_fields__ if name != "differences"}
        return Compared(differences=json.loads(row["differences"]), **told)
    return None


async def refunds(viewer: Viewer, payment_id: int) -> list[Going]:
    viewer.must(Permission.PAYMENT_REVERSE)
    return [Going(**row) for row in await fetch(BACK, payment_id, viewer.reaches(CardRefund).querystring)]


async def disputes(viewer: Viewer, payment_id: int) -> list[Disputed]:
    """Whoever asks has reached the payment."""
    viewer.must(Permission.PAYMENT_REVERSE)
    return [Disputed(**row) for row in await fetch(DISPUTED, payment_id)]
