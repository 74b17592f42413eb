"""What the review queue is told of card payments."""

from datetime import date

from portal import money
from portal.access import Permission
from portal.language import lazy, locale, ngettext, written_full_date
from portal.review.kinds import Kind, declare

URL = "/staff/billing/cards"
PRACTICE = 0  # what belongs to no client
STATES: dict[str, object] = {
    "open": lazy("The bank has taken the money back until it is decided"),
    "won": lazy("Won: the money is the practice's again"),
    "lost": lazy("Lost: what it had paid for is owed again"),
    "closed": lazy("Closed: no money went"),
}
SAID: dict[str, object] = {
    "failed": lazy("The refund did not arrive: nothing has gone back"),
    "failed_after": lazy("The refund came back after all: what was posted for it is reversed"),
    "unreversed": lazy("The refund came back after all, and what was posted for it could not be reversed"),
    "unposted": lazy("The money went back to the card, and the ledger could not take it"),
    "elsewhere": lazy("Money went back on Stripe's own pages, and not from here"),
    "locked": lazy("Stripe does not accept the portal's key: no card can be charged"),
    "refused": lazy("Stripe refused the payment, and not the bank: nothing was charged"),
}


def dispute_about(state: str, cents: int, due: date | None) -> str:
    return f"{state} {cents} {due.isoformat() if due else ''}".strip()


def dispute_line(about: str) -> object:
    state, cents, *due = about.split(" ")
    said = f"{money.written(int(cents), locale())}. {STATES[state]}"
    if state != "open" or not due:
        return said
    until = lazy("Answer at Stripe by %(day)s", day=written_full_date(date.fromisoformat(due[0])))
    return f"{said}. {until}"


def trouble_line(about: str) -> object:
    """`failed 1500`: what happened, and cents where there are any."""
    what, _, cents = about.partition(" ")
    return f"{SAID[what]}: {money.written(int(cents), locale())}" if cents else SAID[what]


def stuck_line(about: str) -> object:
    """Cents."""
    return lazy(
        "%(sum)s: Stripe does not say whether it was charged. Do not take the money another way yet.",
        sum=money.written(int(about), locale()),
    )


def attempt_url(client_id: int, public: object) -> str:
    return f"/staff/clients/{client_id}/account/attempts/{public}"


def difference_line(about: str) -> object:
    return ngettext("%(num)s difference.", "%(num)s differences.", int(about))


SETTLE = (Permission.PAYMENT_REVERSE,)
DISPUTE = declare(Kind("card.dispute", lazy("Card payment disputed"), dispute_line, needs=SETTLE))
REFUND = declare(Kind("card.refund", lazy("Refund to a card"), trouble_line, needs=SETTLE))
TROUBLE = declare(Kind("card.trouble", lazy("Card payment to look at"), trouble_line, needs=SETTLE))
DIFFERENT = declare(
    Kind(
        "card.different",
        lazy("Stripe and the ledger differ"),
        difference_line,
        outcomes={"gone": lazy("They agree again")},
        needs=SETTLE,
    )
)
STUCK = declare(
    Kind(
        "card.stuck",
        lazy("Card payment without an answer"),
        stuck_line,
        outcomes={"ended": lazy("It has ended")},
        needs=SETTLE,
    )
)
ALL = (DISPUTE, REFUND, TROUBLE, DIFFERENT, STUCK)
