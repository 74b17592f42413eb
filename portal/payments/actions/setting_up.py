"""A card that is put on file without a payment: what Stripe says of it becomes its state, and the card is kept once."""

from portal import audit, clock
from portal.access import Viewer
from portal.database import transaction
from portal.payments.actions import keeping
from portal.payments.gateway import Setup
from portal.payments.tables import CardSetup, SetupState

SAYS = {
    "succeeded": SetupState.SUCCEEDED,
    "requires_action": SetupState.ACTION,
    "requires_payment_method": SetupState.DECLINED,
    "canceled": SetupState.CANCELLED,
}
RANK = {SetupState.OPEN: 0, SetupState.SUBMITTING: 1, SetupState.ACTION: 2}


async def settle_setup(viewer: Viewer, setup_id: int, found: Setup) -> CardSetup:
    """Under the lock of its row, by whoever comes first. Only a card that is there leads out of an end."""
    async with transaction():
        row = await CardSetup.objects().where(CardSetup.id == setup_id).first().lock_rows("UPDATE")
        assert row is not None
        before = row.state
        row.state = str(follows(row.state, found.status))
        row.intent = row.intent or found.id
        row.next_url = found.page if row.state == SetupState.ACTION else ""
        row.code = found.code[:60] if row.state == SetupState.DECLINED else row.code
        if row.state == SetupState.SUCCEEDED and row.card is None and found.card is not None:
            row.card = await keeping.keep(
                viewer, row.client, found.card, row.account, row.consent, first=row.makes_default
            )
        if SetupState(row.state) not in RANK and row.ended_at is None:
            row.ended_at = clock.now()
        await row.save()
        if row.state != before:
            await audit.record(viewer, f"card_setup.{row.state}", client_id=row.client, subject_id=row.id)
    return row


def follows(state: str, status: str) -> SetupState:
    """The state after Stripe has said `status`: further on, or the same."""
    now, said = SetupState(state), SAYS.get(status, SetupState.SUBMITTING)
    if SetupState.SUCCEEDED in (now, said):
        return SetupState.SUCCEEDED
    if now not in RANK:
        return now
    return said if said not in RANK or RANK[said] >= RANK[now] else now
