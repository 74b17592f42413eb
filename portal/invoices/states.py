"""How an invoice stands, in words."""

from datetime import date, datetime

from portal.language import lazy

VOID, OVERDUE, OPEN, WAITING, PAID = "void", "overdue", "open", "waiting", "paid"
WORDS: dict[str, object] = {
    VOID: lazy("Void"),
    OVERDUE: lazy("Overdue"),
    OPEN: lazy("Open"),
    WAITING: lazy("Waiting for insurance"),
    PAID: lazy("Paid"),
}
MARKS = {VOID: "", OVERDUE: "bad", OPEN: "wait", WAITING: "wait", PAID: "ok"}


def standing(voided_at: datetime | None, client_due: int, insurance_due: int, due_on: date, today: date) -> str:
    """Cents. What the insurer has still to decide is nobody's fault: only the client's part is ever overdue."""
    if voided_at:
        return VOID
    if client_due:
        return OVERDUE if due_on < today else OPEN
    return WAITING if insurance_due else PAID
