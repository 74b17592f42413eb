"""Attempts that nobody came back from: asked after until Stripe has said how they ended, or given up in time."""

from contextlib import suppress
from datetime import datetime, timedelta

from portal import clock
from portal.access import Viewer
from portal.payments import gateway, rules
from portal.payments.actions import alarming, charging
from portal.payments.tables import AttemptState, PaymentAttempt

GIVEN_UP = timedelta(hours=1)  # a bank's page or Stripe's that nobody came back from


async def mind(viewer: Viewer, attempt_id: int) -> datetime | None:
    """When it has to be asked after again; None where it has ended. Not inside a transaction."""
    row = await charging.go_on(viewer, attempt_id)
    if row.state == AttemptState.ACTION and _age(row) > GIVEN_UP:
        row = await cancel(viewer, row)
    if row.state == AttemptState.SUBMITTING and _age(row) > rules.ON_ITS_WAY:
        await alarming.has_no_answer(viewer, row)
    return clock.now() + rules.pause(_age(row)) if row.state in rules.UNDER_WAY else None


async def cancel(viewer: Viewer, row: PaymentAttempt) -> PaymentAttempt:
    """Nothing is charged any more, or Stripe says that it was. Not inside a transaction.

    One of which nobody knows whether it was charged is not cancelled.
    """
    if row.state == AttemptState.OPEN:
        return await charging.end(viewer, row.id, AttemptState.CANCELLED)
    if row.state != AttemptState.ACTION:
        return row
    with suppress(gateway.Refusal, gateway.Unknown):
        if row.session and not row.intent:
            await gateway.close_page(row.session)
            return await charging.end(viewer, row.id, AttemptState.CANCELLED)
        assert row.intent is not None
        return await charging.settle(viewer, row.id, await gateway.cancel(row.intent))
    return await charging.go_on(viewer, row.id)


def _age(row: PaymentAttempt) -> timedelta:
    return clock.now() - (row.submitted_at or row.made_at)
