"""How what is owed can be paid at once: whoever takes payments lies above, and declares it when it is imported."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

from portal.access import Viewer


@dataclass(frozen=True)
class UnderWay:
    """A payment that has not ended yet, and what is to be said of it; `waits` where the client has to do something."""

    url: str
    sentence: object
    waits: bool


class Ways(NamedTuple):
    """Where paying begins, empty where it cannot; or the payment beside which there is no second."""

    pay_now: str = ""
    under_way: UnderWay | None = None


Asked = Callable[[Viewer, int, int], Awaitable[str]]
Kept = Callable[[Viewer, int], Awaitable[bool]]
Linked = Callable[[Viewer, int], Awaitable[str]]
Found = Callable[[Viewer, int], Awaitable[UnderWay | None]]
Returned = Callable[[Viewer, int], Awaitable[dict[int, int] | None]]
_declared: list[Asked] = []
_under_way: list[Found] = []
_links: list[Linked] = []
_cards: list[Kept] = []
_returned: list[Returned] = []


def declare(asked: Asked) -> Asked:
    """From the client and what is owed, in cents, to the address where paying begins; empty where it cannot be."""
    _declared.append(asked)
    return asked


def declare_under_way(found: Found) -> Found:
    """From the client to the payment that has not ended."""
    _under_way.append(found)
    return found


async def to_pay(viewer: Viewer, client_id: int, cents: int) -> Ways:
    """Neither where nothing is owed, or the practice takes no payments here, and none was begun before."""
    for found in _under_way:
        if one := await found(viewer, client_id):
            return Ways(under_way=one)
    for asked in _declared:
        if address := await asked(viewer, client_id, cents):
            return Ways(pay_now=address)
    return Ways()


def declare_link(asked: Linked) -> Linked:
    """From an invoice to the address where staff make a link to pay it by; empty where they cannot."""
    _links.append(asked)
    return asked


async def link_of(viewer: Viewer, invoice_id: int) -> str:
    """Empty where the practice takes no payments here, or who asks may not ask for them."""
    for asked in _links:
        if address := await asked(viewer, invoice_id):
            return address
    return ""


def declare_not_to_card(asked: Returned) -> Returned:
    """From a payment by card to what of it, by line, may be given back by hand; None where it goes to the card."""
    _returned.append(asked)
    return asked


async def not_to_card(viewer: Viewer, payment_id: int) -> dict[int, int] | None:
    for asked in _returned:
        if (found := await asked(viewer, payment_id)) is not None:
            return found
    return None


def declare_cards(asked: Kept) -> Kept:
    """Whether a client has cards on file: they can be removed, also where no more are kept."""
    _cards.append(asked)
    return asked


async def has_cards(viewer: Viewer, client_id: int) -> bool:
    return any([await asked(viewer, client_id) for asked in _cards])
