"""What stands behind a link: an invoice as far as a stranger may know it, and for staff the link itself."""

from dataclasses import dataclass
from uuid import UUID

from portal import clock, keys
from portal.access import NotFoundException, Viewer
from portal.accounts import links
from portal.clients.tables import ClientEmail
from portal.database import fetch
from portal.invoices.queries import invoices
from portal.paylinks.tables import PayLink
from portal.payments.rules import UNDER_WAY
from portal.payments.tables import AttemptState, PaymentAttempt

PURPOSE = "pay"
ASKED = """
SELECT i.number, i.voided_at IS NOT NULL AS is_void, coalesce(sum(l.client_due), 0)::bigint AS due
  FROM invoice AS i LEFT JOIN invoice_line AS n ON n.invoice = i.id AND n.is_live
  LEFT JOIN service_line AS l ON l.id = n.line
 WHERE i.id = {} GROUP BY i.id
"""
LATEST = "SELECT id FROM payment_attempt WHERE link = {} ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True)
class Asked:
    """Cents. `attempt` is the last that was made by this link, and `is_busy` says that another one is under way."""

    link: PayLink
    number: int
    due: int
    is_void: bool
    attempt: PaymentAttempt | None
    is_busy: bool

    @property
    def is_over(self) -> bool:
        return self.is_void or self.link.ended_at is not None or self.link.expires_at <= clock.now()

    @property
    def is_paid(self) -> bool:
        return not self.is_void and self.due <= 0

    @property
    def is_under_way(self) -> bool:
        return self.attempt is not None and self.attempt.state in UNDER_WAY

    @property
    def was_paid_here(self) -> bool:
        return self.attempt is not None and self.attempt.state == AttemptState.SUCCEEDED

    @property
    def seen(self) -> str:
        return f"{self.number}:{self.due}"


async def by_token(viewer: Viewer, token: str) -> PayLink:
    """Not found for a link that this portal never made."""
    row_id = links.row_id(token)
    found = await PayLink.objects().get(PayLink.id == row_id) if row_id else None
    if found is None or not links.is_token(token, PURPOSE, found.id, bytes(found.nonce), found.key_id):
        raise NotFoundException
    return found


async def of_attempt(viewer: Viewer, public: UUID) -> PayLink | None:
    """The link by which that attempt was made."""
    row = await PaymentAttempt.objects().get(PaymentAttempt.public == public)
    return await PayLink.objects().get(PayLink.id == row.link) if row is not None and row.link else None


async def by_code(viewer: Viewer, code: str) -> PayLink | None:
    """One that is open and whose code was typed."""
    digests = [links.code_digest(PURPOSE, code, key_id) for key_id in keys.all_ids()]
    return await PayLink.objects().where(PayLink.code_digest.is_in(digests), PayLink.ended_at.is_null()).first()


def token_of(row: PayLink) -> str:
    return links.token(PURPOSE, row.id, bytes(row.nonce), row.key_id)


def code_of(row: PayLink) -> str:
    return links.code(PURPOSE, bytes(row.nonce), row.key_id)


async def asked(viewer: Viewer, link: PayLink) -> Asked:
    """Whoever asks has the link."""
    told = (await fetch(ASKED, link.invoice))[0]
    latest = await fetch(LATEST, link.id)
    attempt = await PaymentAttempt.objects().get(PaymentAttempt.id == latest[0]["id"]) if latest else None
    busy = await PaymentAttempt.exists().where(
        PaymentAttempt.client == link.client, PaymentAttempt.state.is_in(list(map(str, UNDER_WAY)))
    )
    is_mine = attempt is not None and attempt.state in UNDER_WAY
    return Asked(link, told["number"], told["due"], told["is_void"], attempt, bool(busy) and not is_mine)


@dataclass(frozen=True)
class OfInvoice:
    """For staff. Cents. `live` is the link that opens it now."""

    client_id: int
    number: int
    due: int
    is_void: bool
    live: PayLink | None
    emails: tuple[str, ...]


async def of_invoice(viewer: Viewer, invoice_id: int) -> OfInvoice:
    """Not found outside one's reach."""
    one = await invoices.invoice(viewer, invoice_id)
    told = (await fetch(ASKED, invoice_id))[0]
    live = await (
        PayLink.objects()
        .where(PayLink.invoice == invoice_id, PayLink.ended_at.is_null(), PayLink.expires_at > clock.now())
        .first()
    )
    emails = await (
        ClientEmail.select(ClientEmail.address).where(ClientEmail.client == one.client_id).order_by(ClientEmail.id)
    )
    return OfInvoice(
        one.client_id, told["number"], told["due"], told["is_void"], live, tuple(row["address"] for row in emails)
    )
