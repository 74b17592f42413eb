"""A card is put on file without a payment: agreed to, asked of Stripe once, and kept once, whoever dies in between.

The same shape as a payment (charging.py): a row and an errand before the call, a key for each, and `settle_setup` under
the lock of the row, whoever brings what Stripe says.
"""

from datetime import timedelta
from uuid import UUID

from portal import audit, clock, outbox
from portal.access import Area, NotFoundException, Viewer
from portal.accounts import throttle
from portal.database import fetch, transaction
from portal.payments import gateway, rows, rules, settings, setups
from portal.payments.actions import keeping, payers
from portal.payments.actions.insisting import AROUND, insist
from portal.payments.facts import Setup
from portal.payments.gateway import Declined, Refusal, Unknown
from portal.payments.tables import CardSetup, Payer, SetupState

PORTAL = Viewer.portal("card on file")
ACTOR = "put_on_file"
DOOR = "card"
NO_CARD_YET = "requires_payment_method"
AGAIN = timedelta(seconds=60)
ENDS = (
    CardSetup.state, CardSetup.intent, CardSetup.next_url, CardSetup.code, CardSetup.card, CardSetup.ended_at,
)  # fmt: skip
BEGIN = """
INSERT INTO card_setup (public, client, account, state, token, makes_default, consent, next_url, code, made_at)
VALUES ({}, {}, {}, 'submitting', {}, {}, {}, '', '', {}) ON CONFLICT (public) DO NOTHING RETURNING id
"""


async def put_on_file(
    viewer: Viewer, client_id: int, public: UUID, token: str, *, makes_default: bool, consent: str
) -> CardSetup:
    """`public` is the form's: sent twice, it is one card. Without a token it is typed on Stripe's own page.

    Whoever tries one card after the other waits longer each time: the page is no place to test stolen ones. Returns
    how it stands when Stripe has answered, or has not. Raises `Refused`.
    """
    viewer.must_act_for(client_id, Area.BILLING)
    if not await settings.keeps_cards(viewer):
        raise NotFoundException
    async with transaction():
        made = await fetch(
            BEGIN, public, client_id, viewer.account_id, token[:60], makes_default, consent, clock.now()
        )  # fmt: skip
        for begun in made:
            await throttle.knock(DOOR, str(client_id), viewer.address, most=throttle.ENDLESS)
            await audit.record(viewer, "card_setup.begun", client_id=client_id, subject_id=begun["id"])
            await outbox.send_on(ACTOR, begun["id"], f"{ACTOR}:{begun['id']}:0", clock.now() + AGAIN)
    row = await CardSetup.objects().where(CardSetup.public == public, CardSetup.client == client_id).first()
    if row is None:
        raise NotFoundException
    row = await go_on(PORTAL, row.id)
    if row.state == SetupState.SUCCEEDED:
        await throttle.let_in(DOOR, str(client_id), viewer.address)
    return row


async def go_on(viewer: Viewer, setup_id: int) -> CardSetup:
    """Asks Stripe for what comes next, or what came of it. Not inside a transaction. No answer leaves it as it is."""
    row = await rows.row_of(CardSetup, setup_id)
    if row.state not in rules.SETUP_UNDER_WAY:
        return row
    try:
        found = await _look(row) if row.intent or row.session else await _ask(viewer, row)
    except Unknown:
        return row
    except Refusal as refusal:
        state = SetupState.DECLINED if isinstance(refusal, Declined) else SetupState.FAILED
        return await end(viewer, setup_id, state, refusal.code, getattr(refusal, "intent", None))
    return await settle_setup(viewer, setup_id, found) if found else await rows.row_of(CardSetup, setup_id)


async def settle_setup(viewer: Viewer, setup_id: int, found: Setup) -> CardSetup:
    """What Stripe says becomes the state; a card that is there is kept, once, with what was agreed to."""
    async with transaction():
        row = await rows.locked(CardSetup, setup_id)
        if not row.token and found.status == NO_CARD_YET:
            return row  # on Stripe's own page another card may still follow
        before = row.state
        row.state = str(rules.setup_follows(row.state, found.status))
        row.intent = row.intent or found.id
        row.next_url = (found.page or row.next_url) if row.state == SetupState.ACTION else ""
        row.code = found.code[:60] if row.state == SetupState.DECLINED else ""
        if row.state == SetupState.SUCCEEDED and row.card is None and found.card is not None:
            row.card = await keeping.keep(
                viewer, row.client, found.card, row.account, row.consent, first=row.makes_default
            )  # fmt: skip
        if row.state in rules.SETUP_ENDED and row.ended_at is None:
            row.ended_at = clock.now()
        await row.save(list(ENDS))
        if row.state != before:
            await audit.record(viewer, f"card_setup.{row.state}", client_id=row.client, subject_id=row.id)
    return row


async def _ask(viewer: Viewer, row: CardSetup) -> Setup | None:
    """Each call is the same as the first."""
    return await insist(viewer, clock.now() - row.made_at, lambda: _call(viewer, row), lambda: _named_so(row))


async def _call(viewer: Viewer, row: CardSetup) -> Setup | None:
    customer, key = await payers.customer(viewer, row.client), f"setup:{row.public}"
    if row.token:
        return await gateway.set_up(setups.parameters(row, customer), key)
    opened = await gateway.open_page(setups.page(row, customer), key)
    async with transaction():
        row = await rows.locked(CardSetup, row.id)
        if row.state == SetupState.SUBMITTING:
            row.state, row.session, row.next_url = str(SetupState.ACTION), opened.id, opened.url
            await row.save([CardSetup.state, CardSetup.session, CardSetup.next_url])
    return None


async def _named_so(row: CardSetup) -> Setup | None:
    payer = await Payer.objects().where(Payer.client == row.client).first()
    if payer is not None and payer.customer:
        async for one in setups.begun_since(row.made_at - AROUND, customer=payer.customer):
            if one.setup == str(row.public) and (row.token or one.status != NO_CARD_YET):
                return await gateway.setup(one.id)
    return None


async def _look(row: CardSetup) -> Setup | None:
    """What became of it at the bank, or on Stripe's page."""
    if row.session:
        found = await gateway.page(row.session)
        if found.status == "expired":
            await end(PORTAL, row.id, SetupState.CANCELLED)
        return await gateway.setup(found.subject) if found.status == "complete" else None
    assert row.intent is not None
    return await gateway.setup(row.intent)


async def end(viewer: Viewer, setup_id: int, state: SetupState, code: str = "", intent: str | None = None) -> CardSetup:
    """Without a card. One that has ended stays as it is."""
    async with transaction():
        row = await rows.locked(CardSetup, setup_id)
        if row.state not in rules.SETUP_ENDED:
            row.state, row.code, row.next_url, row.ended_at = str(state), code[:60], "", clock.now()
            row.intent = row.intent or intent
            await row.save(list(ENDS))
            await audit.record(viewer, f"card_setup.{state}", client_id=row.client, subject_id=row.id)
    return row
