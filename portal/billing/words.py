"""What the ledger is called by staff."""

from portal.billing.tables import Method, PostingKind
from portal.language import lazy

KINDS: dict[str, object] = {
    PostingKind.ENCOUNTER: lazy("Visit recorded"),
    PostingKind.VOID: lazy("Visit voided"),
    PostingKind.INSURER: lazy("Insurer's decision"),
    PostingKind.PAYMENT: lazy("Payment"),
    PostingKind.REFUND: lazy("Refund"),
    PostingKind.ADJUSTMENT: lazy("Adjustment"),
    PostingKind.WRITE_OFF: lazy("Written off"),
    PostingKind.RESPONSIBILITY: lazy("Left to the client"),
    PostingKind.CREDIT: lazy("Credit applied"),
    PostingKind.REVERSAL: lazy("Taken back"),
}
METHODS: dict[str, object] = {
    Method.CASH: lazy("Cash"),
    Method.CHECK: lazy("Check"),
    Method.CARD_TERMINAL: lazy("Card, at the terminal"),
    Method.CARD: lazy("Card, in the portal"),
    Method.TRANSFER: lazy("Bank transfer"),
    Method.OTHER: lazy("Another way"),
}
