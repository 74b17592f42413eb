"""A link is made, sent or printed, ended, and paid by."""

from datetime import timedelta

from portal import audit, clock, keys, outbox
from portal.access import NotFoundException, Permission, Viewer
from portal.accounts import links, throttle
from portal.clients.tables import Client
from portal.database import fetch, transaction
from portal.language import lazy
from portal.paylinks import queries
from portal.paylinks.queries import PURPOSE, Asked
from portal.paylinks.tables import PayLink
from portal.payments import settings
from portal.payments.actions import charging, minding
from portal.payments.actions.attempts import BUSY
from portal.payments.tables import AttemptState, PaymentAttempt, Source, Way
from portal.refusal import Refused

DOOR = "pay-code"
LASTS = timedelta(days=60)
NOTHING = Refused({"": lazy("Nothing is left to be paid of this invoice.")})
CHANGED = Refused({"": lazy("The amount has changed meanwhile. Look at it once more.")})


async def make(viewer: Viewer, invoice_id: int, email: str = "") -> int:
    """A new link ends the one before it. With an address of the chart a letter brings it. Raises `Refused`."""
    viewer.must(Permission.INVOICE_ISSUE)
    if not await settings.takes_cards(viewer):
        raise NotFoundException
    found = await queries.of_invoice(viewer, invoice_id)
    if found.is_void or found.due < settings.LEAST:
        raise NOTHING
    if email and email not in found.emails:
        raise Refused(email=lazy("Choose an address of the chart"))
    client = await Client.objects().get(Client.id == found.client_id)
    assert client is not None
    nonce, key_id = links.nonce(), keys.newest_id()
    if found.live is not None:
        await _close(viewer, found.live)
    async with transaction():
        await fetch("SELECT id FROM invoice WHERE id = {} FOR UPDATE", invoice_id)
        await _end(invoice_id)
        row = PayLink(
            client=found.client_id, invoice=invoice_id, email=email, language=client.language or "en", nonce=nonce,
            key_id=key_id, code_digest=links.code_digest(PURPOSE, links.code(PURPOSE, nonce, key_id), key_id),
            made_by=viewer.staff_id, made_at=clock.now(), expires_at=clock.now() + LASTS,
        )  # fmt: skip
        await row.save()
        await audit.record(viewer, "pay_link.made", client_id=found.client_id, subject_id=row.id)
        await outbox.record("pay_link.made", row.id, found.client_id)
    return int(row.id)


async def end(viewer: Viewer, invoice_id: int) -> None:
    """It opens nothing any more."""
    viewer.must(Permission.INVOICE_ISSUE)
    found = await queries.of_invoice(viewer, invoice_id)
    async with transaction():
        await _end(invoice_id)
        await audit.record(viewer, "pay_link.ended", client_id=found.client_id, subject_id=invoice_id)
    if found.live is not None:
        await _close(viewer, found.live)


async def open_by_code(viewer: Viewer, code: str) -> PayLink:
    """Raises `Refused`, and `TooMany` for who guesses."""
    await throttle.knock(DOOR, viewer.address, viewer.address, most=throttle.ENDLESS)
    found = await queries.by_code(viewer, code)
    if found is None:
        raise Refused(code=lazy("That code is not right, or it is no longer valid. Check it against the paper."))
    await throttle.let_in(DOOR, viewer.address, viewer.address)
    return found


async def pay(viewer: Viewer, token: str, seen: str) -> PaymentAttempt:
    """Opens Stripe's page for all that is left of the invoice. The same press twice opens one. Raises `Refused`."""
    link = await queries.by_token(viewer, token)
    asked = await queries.asked(viewer, link)
    if asked.is_under_way and asked.attempt is not None:
        return await charging.go_on(charging.PORTAL, asked.attempt.id)
    await _must_be_payable(viewer, asked, seen)
    async with transaction():
        row = PaymentAttempt(
            client=link.client, source=str(Source.LINK), amount=asked.due, is_whole=True, way=str(Way.HOSTED),
            invoice=link.invoice, link=link.id, made_at=clock.now(),
        )  # fmt: skip
        await charging.send_off(viewer, row)
    return await charging.go_on(charging.PORTAL, row.id)


async def come_back(viewer: Viewer, token: str) -> None:
    """From Stripe's page: it is asked what became of it."""
    asked = await queries.asked(viewer, await queries.by_token(viewer, token))
    if asked.is_under_way and asked.attempt is not None:
        await charging.go_on(charging.PORTAL, asked.attempt.id)


async def cancel(viewer: Viewer, token: str) -> None:
    """Nothing is charged, and one may begin again."""
    await _close(viewer, await queries.by_token(viewer, token))


async def _close(viewer: Viewer, link: PayLink) -> None:
    """Stripe's page that it opened takes nothing any more. Not inside a transaction."""
    asked = await queries.asked(viewer, link)
    if asked.attempt is not None and asked.attempt.state == AttemptState.ACTION:
        await minding.cancel(charging.PORTAL, asked.attempt)


async def _must_be_payable(viewer: Viewer, asked: Asked, seen: str) -> None:
    if asked.is_over or not await settings.takes_cards(viewer):
        raise NotFoundException
    if asked.is_paid or asked.due < settings.LEAST:
        raise NOTHING
    if asked.is_busy:
        raise BUSY
    if asked.seen != seen:
        raise CHANGED


async def _end(invoice_id: int) -> None:
    await fetch("UPDATE pay_link SET ended_at = {} WHERE invoice = {} AND ended_at IS NULL", clock.now(), invoice_id)
