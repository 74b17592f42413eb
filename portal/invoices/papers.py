"""The papers of money: an invoice, a superbill and a receipt, each as a page that becomes a PDF."""

from datetime import date
from typing import Any

from portal import language
from portal.access import Area, NotFoundException, Viewer
from portal.appointments.hours import midnight
from portal.billing.settings import how_to_pay
from portal.billing.tables import Method
from portal.clients.sections import HOLDERS, SEXES
from portal.encounters.rules import PLACES
from portal.invoices import lacking
from portal.invoices.lacking import Lack
from portal.invoices.queries import invoice, receipt, superbill
from portal.language import lazy
from portal.papers import kinds
from portal.papers.actions import Wanted
from portal.papers.drawing import drawn
from portal.papers.kinds import IssuedKind, Kind
from portal.papers.tables import Paper
from portal.practice import queries as practices
from portal.refusal import Refused

INVOICE, SUPERBILL, RECEIPT, SUPERBILLS = "invoice", "superbill", "receipt", "superbills"
MOST_VISITS = 60
# Two days in one number, so that the same stretch is the same paper.
DAYS = 10_000_000
METHODS = {
    Method.CASH: lazy("Cash"),
    Method.CHECK: lazy("Check"),
    Method.CARD_TERMINAL: lazy("Card"),
    Method.CARD: lazy("Card"),
    Method.TRANSFER: lazy("Bank transfer"),
    Method.OTHER: lazy("Other payment"),
}
WORDS: dict[str, Any] = {"methods": METHODS, "places": PLACES, "sexes": dict(SEXES), "holders": dict(HOLDERS)}


def invoice_name(number: int) -> str:
    return language.gettext("invoice-%(number)s.pdf", number=number)


def superbill_name(encounter_id: int) -> str:
    return language.gettext("statement-%(number)s.pdf", number=encounter_id)


def receipt_name(number: int) -> str:
    return language.gettext("receipt-%(number)s.pdf", number=number)


async def invoice_page(viewer: Viewer, invoice_id: int) -> str:
    one = await invoice.invoice(viewer, invoice_id)
    title = lazy("Invoice %(number)s", number=one.number)
    return await drawn(viewer, "pdf/invoice", title=title, one=one, how_to_pay=await how_to_pay(viewer), **WORDS)


async def superbill_page(viewer: Viewer, encounter_id: int) -> str | None:
    """None while something lacks, and when it is void."""
    try:
        one = await superbill.superbill(viewer, encounter_id)
    except NotFoundException:
        return None
    if lacking.lacks(one):
        return None
    title = lazy("Statement %(number)s", number=one.number)
    return await drawn(viewer, "pdf/superbill", title=title, bills=[one], cover=None, **WORDS)


async def receipt_page(viewer: Viewer, payment_id: int) -> str:
    one = await receipt.receipt(viewer, payment_id)
    title = lazy("Receipt %(number)s", number=one.number)
    return await drawn(viewer, "pdf/receipt", title=title, one=one, **WORDS)


for name, page in ((INVOICE, invoice_page), (SUPERBILL, superbill_page), (RECEIPT, receipt_page)):
    kinds.declare_issued(IssuedKind(name, page))  # type: ignore[arg-type]


# Those of a stretch of time, for whoever asks ------------------------------------------------------------------------


async def wanted(viewer: Viewer, client_id: int, first: date, last: date) -> Wanted:
    """All superbills of these days as one paper. Raises `Refused` where there is none, or too many."""
    found = await _within(viewer, client_id, first, last)
    if not found:
        raise Refused({"": lazy("There are no visits in this time.")})
    if len(found) > MOST_VISITS:
        raise Refused(
            until=lazy("These are %(num)s visits, and one PDF holds %(most)s: choose a shorter time", num=len(found),
                       most=MOST_VISITS)
        )  # fmt: skip
    bills = [await superbill.superbill(viewer, one) for one in found]
    lacks = [lacking.lacks(one) for one in bills]
    if all(lacks):
        raise Refused({"": _why(lacks)})
    return Wanted(
        kind=SUPERBILLS,
        subject_id=first.toordinal() * DAYS + last.toordinal(),
        up_to=await superbill.as_far_as(viewer, client_id),
        client_id=client_id,
        language=language.current(),
        name=language.gettext("statements-%(first)s-%(last)s.pdf", first=first.isoformat(), last=last.isoformat()),
    )


def _why(lacks: list[list[Lack]]) -> object:
    """There is none: because of what the client has to fill in, where nothing else lacks anywhere."""
    yours = [lacking.of_client(one) for one in lacks]
    if yours != lacks:
        return lazy("The practice is still completing the superbills of these visits.")
    what = ", ".join(dict.fromkeys(str(lack.words) for one in yours for lack in one))
    return lazy("Not in your record yet: %(what)s. Add it under My Information, or tell the office.", what=what)


async def _must_reach(viewer: Viewer, paper: Paper) -> None:
    viewer.must_act_for(int(paper.client), Area.BILLING)


async def _page(viewer: Viewer, paper: Paper) -> str:
    """In front of them what all of them cost; visits whose superbill lacks something are counted there."""
    await _must_reach(viewer, paper)
    first, last = (date.fromordinal(one) for one in divmod(int(paper.subject_id), DAYS))
    found = await _within(viewer, int(paper.client), first, last)
    bills = await _complete(viewer, found)
    if not bills:
        raise NotFoundException
    cover = {"first": first, "last": last, "left_out": len(found) - len(bills)}
    return await drawn(viewer, "pdf/superbill", title=lazy("Statements"), bills=bills, cover=cover, **WORDS)


async def _within(viewer: Viewer, client_id: int, first: date, last: date) -> list[int]:
    zone = (await practices.practice(viewer)).time_zone
    after = date.fromordinal(last.toordinal() + 1)
    return await superbill.within(viewer, client_id, midnight(zone, first), midnight(zone, after))


async def _complete(viewer: Viewer, encounters: list[int]) -> list[superbill.Superbill]:
    bills = [await superbill.superbill(viewer, one) for one in encounters]
    return [one for one in bills if not lacking.lacks(one)]


kinds.declare(Kind(SUPERBILLS, _must_reach, _page))
