"""Cards on their way that nobody came back from: asked after until Stripe has said how it ended, or given up."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from portal import clock
from portal.access import Viewer
from portal.payments import gateway, rules, setups
from portal.payments.actions import setting_up
from portal.payments.queries import setups as asked
from portal.payments.tables import CardSetup, SetupState

GIVEN_UP = timedelta(hours=1)  # a page of the bank's or of Stripe's that nobody came back from
PAUSE = timedelta(minutes=5)


async def come_back(viewer: Viewer, client_id: int, public: UUID) -> CardSetup:
    """From the bank's page, or Stripe's: it is asked, and the address is not believed."""
    row = await asked.setup(viewer, client_id, public)
    return await setting_up.go_on(setting_up.PORTAL, row.id)


async def mind(viewer: Viewer, setup_id: int) -> datetime | None:
    """When it has to be asked after again; None where it has ended. Not inside a transaction."""
    row = await setting_up.go_on(viewer, setup_id)
    if row.state == SetupState.ACTION and clock.now() - row.made_at > GIVEN_UP:
        row = await _give_up(viewer, row)
    return clock.now() + PAUSE if row.state in rules.SETUP_UNDER_WAY else None


async def cancel(viewer: Viewer, client_id: int, public: UUID) -> CardSetup:
    """No card is kept any more, or Stripe says that it is there. Not inside a transaction."""
    row = await asked.setup(viewer, client_id, public)
    return await _give_up(viewer, row) if row.state == SetupState.ACTION else row


async def _give_up(viewer: Viewer, row: CardSetup) -> CardSetup:
    with suppress(gateway.Refusal, gateway.Unknown):
        if row.session:
            await gateway.close_page(row.session)
            return await setting_up.end(viewer, row.id, SetupState.CANCELLED)
        assert row.intent is not None
        return await setting_up.settle_setup(viewer, row.id, await setups.give_up(row.intent))
    return await setting_up.go_on(setting_up.PORTAL, row.id)
