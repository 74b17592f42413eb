"""What the review queue is told of the ledger."""

from portal.access import Permission
from portal.language import lazy
from portal.review.kinds import Kind, declare

PARTS: dict[str, object] = {
    "line": lazy("the sums of a service"),
    "account": lazy("the sums of the account"),
    "entry": lazy("an entry of another client"),
    "payment": lazy("a payment"),
    "invoice": lazy("an invoice"),
    "number of an invoice": lazy("a number of an invoice that is missing"),
    "number of an receipt": lazy("a number of a receipt that is missing"),
}


def line(about: str) -> object:
    """`line,account` in words."""
    return ", ".join(str(PARTS[one]) for one in about.split(",") if one in PARTS)


FAULT = declare(
    Kind(
        "ledger.fault",
        lazy("The ledger does not add up"),
        line,
        outcomes={"gone": lazy("It adds up again")},
        needs=(Permission.LEDGER_READ, Permission.LEDGER_ADJUST),
    )
)
