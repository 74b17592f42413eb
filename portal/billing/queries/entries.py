"""What the ledger holds of one encounter, in plain words."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.access import Permission, Viewer
from portal.billing.tables import EntryKind, PostingKind, Share
from portal.database import fetch
from portal.language import lazy
from portal.practice.queries import name_of

OF_ENCOUNTER = f"""
SELECT e.id, p.kind AS posting, e.kind, e.share, e.amount, e.reverses, l.code, p.counts_on, p.made_at,
       {name_of("m")} AS by, p.reason, coalesce(y.payer, '') AS payer
  FROM entry AS e JOIN service_line AS l ON l.id = e.line JOIN posting AS p ON p.id = e.posting
  LEFT JOIN staff_member AS m ON m.id = p.made_by LEFT JOIN payment AS y ON y.id = p.payment
 WHERE l.encounter = {{}} ORDER BY e.id
"""
INVOICES = """
SELECT DISTINCT i.id, i.number FROM invoice_line AS n JOIN invoice AS i ON i.id = n.invoice
  JOIN service_line AS l ON l.id = n.line WHERE l.encounter = {} AND n.is_live ORDER BY i.number
"""
WORDS: dict[str, object] = {
    EntryKind.CHARGE: lazy("Charged"),
    EntryKind.INSURER_PAYMENT: lazy("Paid by the insurer"),
    EntryKind.ADJUSTMENT: lazy("Taken off by the insurer’s agreement"),
    EntryKind.CLIENT_PAYMENT: lazy("Paid by the client"),
    EntryKind.REFUND: lazy("Given back to the client"),
    EntryKind.WRITE_OFF: lazy("Written off by the practice"),
}
UNDONE: dict[str, object] = {
    EntryKind.CHARGE: lazy("Charge taken back"),
    EntryKind.INSURER_PAYMENT: lazy("The insurer’s payment taken back"),
    EntryKind.ADJUSTMENT: lazy("Not taken off after all"),
    EntryKind.CLIENT_PAYMENT: lazy("The client’s payment taken back"),
    EntryKind.REFUND: lazy("Not given back after all"),
    EntryKind.WRITE_OFF: lazy("Not written off after all"),
}
AGREED = lazy("Taken off by the practice")
WITH_INSURER, WITHOUT_INSURER = lazy("With the insurer again"), lazy("No longer with the insurer")
BECAME_CREDIT = lazy("What the client paid became credit")
OWED, NOT_OWED = lazy("Now the client’s to pay"), lazy("No longer the client’s to pay")
FROM_CREDIT, NOT_FROM_CREDIT = lazy("Paid from the client’s credit"), lazy("No longer paid from the credit")


@dataclass(frozen=True)
class Line:
    """One entry: by how many cents grew what is owed, or shrank. `payer` is the insurer whose payment it is."""

    id: int
    what: object
    amount: int
    code: str
    counts_on: date
    made_at: datetime
    by: str
    reason: str
    payer: str


async def of_encounter(viewer: Viewer, encounter_id: int) -> list[Line]:
    """In the order in which they were posted. Whoever asks has reached the encounter."""
    viewer.must(Permission.LEDGER_READ)
    return [_line(row) for row in await fetch(OF_ENCOUNTER, encounter_id)]


async def invoices_of(viewer: Viewer, encounter_id: int) -> list[tuple[int, int]]:
    """(id, number) of each that names it now: they are voided before it is. Whoever asks has reached the encounter."""
    viewer.must(Permission.LEDGER_READ)
    return [(row["id"], row["number"]) for row in await fetch(INVOICES, encounter_id)]


def said(posting: str, kind: str, share: str, amount: int, *, is_reversal: bool) -> object:
    """The words for an entry of a service, in a posting of that kind."""
    if kind == EntryKind.TRANSFER:
        return _moved(posting, share, amount, is_reversal=is_reversal)
    if kind == EntryKind.ADJUSTMENT and share == Share.CLIENT and not is_reversal:
        return AGREED
    return (UNDONE if is_reversal else WORDS)[kind]


def _moved(posting: str, share: str, amount: int, *, is_reversal: bool) -> object:
    if share == Share.INSURANCE:
        return WITH_INSURER if amount > 0 else WITHOUT_INSURER
    if amount < 0:
        return FROM_CREDIT if posting == PostingKind.CREDIT else NOT_OWED
    if posting == PostingKind.VOID:
        return BECAME_CREDIT
    return NOT_FROM_CREDIT if is_reversal else OWED


def _line(row: dict[str, Any]) -> Line:
    what = said(row["posting"], row["kind"], row["share"], row["amount"], is_reversal=row["reverses"] is not None)
    return Line(what=what, **{name: row[name] for name in Line.__dataclass_fields__ if name != "what"})
