"""Stripe's books beside ours: what was charged there and not here, here and not there, and what has another sum.

Nothing is mended. What differs is kept, is told, and is an item for staff until it is so no more.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from portal import clock
from portal.access import Permission, Viewer
from portal.database import fetch, transaction
from portal.payments import books, gateway, kinds
from portal.payments.actions import alarming
from portal.payments.bank.tables import Reconciliation
from portal.payments.facts import Back, Intent
from portal.review import actions as review

YOUNG, LONG = timedelta(hours=2), timedelta(days=10)  # so long a payment or a refund may be on its way to the ledger
LONGEST_DISPUTE = timedelta(days=180)
CHARGES = """
SELECT m.id AS payment, m.client, m.amount, a.intent, s.customer
  FROM payment AS m LEFT JOIN payment_attempt AS a ON a.payment = m.id
  LEFT JOIN stripe_customer AS s ON s.client = m.client
 WHERE m.method = 'card' AND NOT m.is_refund AND m.reversed_at IS NULL
   AND (coalesce(a.submitted_at, m.made_at) >= {} OR a.intent = ANY({}::text[]))
"""
REFUNDS = """
SELECT m.id AS payment, m.client, m.amount, coalesce(r.refund, d.dispute) AS name
  FROM payment AS m LEFT JOIN card_refund AS r ON r.payment = m.id LEFT JOIN card_dispute AS d ON d.payment = m.id
 WHERE m.method = 'card' AND m.is_refund AND m.reversed_at IS NULL
   AND (coalesce(r.made_at, m.made_at) >= {} OR coalesce(r.refund, d.dispute) = ANY({}::text[]))
"""
UNDER_WAY = """
SELECT public::text AS name FROM payment_attempt
 WHERE state::text IN ('submitting', 'action', 'processing') AND submitted_at > {}
 UNION ALL SELECT public::text FROM card_refund WHERE state::text IN ('submitting', 'pending') AND made_at > {}
"""


@dataclass(frozen=True)
class Difference:
    """`what` is not_here, not_there, sum or customer. Cents. `name` is Stripe's, `payment` ours."""

    what: str
    name: str = ""
    payment: int | None = None
    client: int | None = None
    there: int = 0
    here: int = 0


async def reconcile(viewer: Viewer, since: datetime) -> tuple[Reconciliation, list[Difference]]:
    """Not inside a transaction. Raises `gateway.Unknown` and `gateway.Refusal`."""
    viewer.must(Permission.LEDGER_ADJUST)
    since = since.replace(microsecond=0)
    charged = {one.id: one async for one in gateway.intents(since) if one.received}
    back = {one.id: one async for one in gateway.refunds(since) if _went(one)}
    lost = {one.id: one.amount async for one in books.disputes(since - LONGEST_DISPUTE) if one.status == "lost"}
    now = clock.now()  # what moved meanwhile was under way by then, or is here
    coming = {row["name"] for row in await fetch(UNDER_WAY, now - YOUNG, now - LONG)}
    charged = {one.id: one for one in charged.values() if one.attempt not in coming}
    back = {one.id: one for one in back.values() if one.refund not in coming}
    charges = await fetch(CHARGES, since, list(charged))
    refunds = await fetch(REFUNDS, since, [*back, *lost])
    await _add_older(charges, charged, refunds, back)
    gone = {**{one.id: one.amount for one in back.values()}, **lost}
    found = [*_charges(charges, charged), *_refunds(refunds, gone)]
    row = Reconciliation(
        since=since, made_at=now, charges_there=len(charged), charges_here=len(charges),
        charged_there=sum(one.received for one in charged.values()), charged_here=_sum(charges),
        refunds_there=len(gone), refunds_here=len(refunds), refunded_there=sum(gone.values()),
        refunded_here=_sum(refunds),
        differences=json.dumps([asdict(one) for one in found]),
    )  # fmt: skip
    async with transaction():
        await row.save()
        await alarming.let_in(viewer)
        if found:
            await alarming.tell(viewer, kinds.DIFFERENT, kinds.PRACTICE, None, str(len(found)))
        else:
            await review.settle_items(viewer, [kinds.DIFFERENT.name], kinds.PRACTICE, "gone")
    return row, found


def _charges(here: list[dict[str, Any]], there: dict[str, Intent]) -> list[Difference]:
    found, known = [], set()
    for row in here:
        known.add(row["intent"])
        one = there.get(row["intent"] or "")
        ours = {"payment": row["payment"], "client": row["client"], "here": row["amount"], "name": row["intent"] or ""}
        if one is None:
            found.append(Difference("not_there", **ours))
        elif one.received != row["amount"]:
            found.append(Difference("sum", there=one.received, **ours))
        elif row["customer"] and one.customer != row["customer"]:
            found.append(Difference("customer", there=one.received, **ours))
    return found + [
        Difference("not_here", name, there=one.received) for name, one in there.items() if name not in known
    ]


def _refunds(here: list[dict[str, Any]], there: dict[str, int]) -> list[Difference]:
    found, known = [], set()
    for row in here:
        known.add(row["name"])
        ours = {"payment": row["payment"], "client": row["client"], "here": -row["amount"], "name": row["name"] or ""}
        if row["name"] not in there:
            found.append(Difference("not_there", **ours))
        elif there[row["name"]] != row["amount"]:
            found.append(Difference("sum", there=-there[row["name"]], **ours))
    return found + [Difference("not_here", name, there=-cents) for name, cents in there.items() if name not in known]


async def _add_older(
    charges: list[dict[str, Any]], charged: dict[str, Intent], refunds: list[dict[str, Any]], back: dict[str, Back]
) -> None:
    """What stands in Stripe's list before the first day that was asked for, or has come since it was read."""
    for row in charges:
        if row["intent"] and row["intent"] not in charged:
            with suppress(gateway.Refusal):
                one = await gateway.intent(row["intent"])
                if one.received:
                    charged[one.id] = one
    for row in refunds:
        if (row["name"] or "").startswith("re_") and row["name"] not in back:
            with suppress(gateway.Refusal):
                refund = await gateway.refund(row["name"])
                if _went(refund):
                    back[refund.id] = refund


def _went(one: Back) -> bool:
    return one.status == "succeeded"


def _sum(rows: list[dict[str, Any]]) -> int:
    return sum(row["amount"] for row in rows)
