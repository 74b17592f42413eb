"""What an insurer decided about a service, by the words of FHIR, of CARIN and of Medicare."""

from collections.abc import Sequence
from decimal import Decimal

from portal.exchange.claims import Adjudication
from portal.exchange.drafts import Decided
from portal.exchange.identifiers import Key
from portal.exchange.mapping.amounts import NOTHING, Wrong, exact

# Several systems say the same thing under several names at once: the first that is said counts.
PAID = ("paidtoprovider", "line_prvdr_pmt_amt", "benefit", "line_nch_pmt_amt")
SUBMITTED = ("submitted", "line_sbmtd_chrg_amt")
ALLOWED = ("eligible", "allowed", "line_alowd_chrg_amt")
DISCOUNT = ("discount", "contractual")
LEFT = ("memberliability",)
# Parts of what is left to the client, each by its names.
PARTS = (
    ("copay",),
    ("coinsurance", "line_coinsrnc_amt"),
    ("deductible", "line_bene_ptb_ddctbl_amt"),
    ("unallocdeduct",),
)
TO_CLIENT = ("paidtopatient", "line_bene_pmt_amt")


def decided(service: Key | None, told: Sequence[Adjudication]) -> Decided | None:
    """None where nothing is decided: what is only submitted, or only refused, goes on waiting."""
    said: dict[str, Decimal] = {}
    for one in told:
        amount = exact(one.amount)
        for coding in one.category.coding:
            if amount is not None and coding.code:
                name = coding.code.rpartition("/")[2].lower()
                if said.setdefault(name, amount) != amount:
                    raise Wrong("says one amount in two ways")
    if _first(said, TO_CLIENT):
        raise Wrong("says that the insurer paid the client, which moves nothing here")
    parts = sum((_first(said, names) or NOTHING for names in PARTS), NOTHING)
    whole = _first(said, LEFT)
    paid, left = _first(said, PAID) or NOTHING, parts if whole is None else whole
    discount = _first(said, DISCOUNT) or NOTHING
    if not paid and not left and not discount:
        return None
    return Decided(service, paid, left, _first(said, SUBMITTED), _first(said, ALLOWED), discount)


def _first(said: dict[str, Decimal], names: Sequence[str]) -> Decimal | None:
    return next((said[name] for name in names if name in said), None)
