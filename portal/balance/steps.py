"""What happened to an account, step by step, in words that people know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from portal import language, money
from portal.billing.tables import EntryKind, Method, PostingKind
from portal.language import lazy

HOW = {
    Method.CASH: lazy("in cash"),
    Method.CHECK: lazy("by check"),
    Method.CARD_TERMINAL: lazy("by card"),
    Method.CARD: lazy("by card"),
    Method.TRANSFER: lazy("by bank transfer"),
    Method.OTHER: lazy("in another way"),
}

METHODS = {
    Method.CASH: lazy("Cash"),
    Method.CHECK: lazy("Check"),
    Method.CARD: lazy("Card"),
    Method.CARD_TERMINAL: lazy("Card, at the office"),
    Method.TRANSFER: lazy("Bank transfer"),
    Method.OTHER: lazy("Another way"),
}


@dataclass(frozen=True)
class Step:
    """One kind of entry of one posting for one service, in cents: by how much what is owed grew, and what it was then.

    `moved` is what went over to the client's part, or away from it. `act` is the posting's kind, of what was reversed
    that of the original one. Without a visit it is about credit.
    """

    id: int
    day: date
    act: str
    kind: str
    is_reversal: bool
    amount: int
    moved: int
    balance: int
    payer: str
    payment_id: int | None
    method: str
    is_receipted: bool
    visit_id: int | None
    is_voided: bool
    starts_at: datetime | None
    time_zone: str
    service: str
    units: int
    fee: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})

    @property
    def words(self) -> object:
        """What it was, as one would say it at the desk."""
        said = {"amount": money.written(abs(self.amount or self.moved), language.locale()), "how": how(self.method)}
        said |= {"payer": self.payer or lazy("Insurance"), "service": self.service}
        if self.act == PostingKind.VOID:
            return self._taken_back()
        if self.kind == EntryKind.CHARGE:
            return self._charge()
        if self.is_reversal and self.kind == EntryKind.TRANSFER and self._is_settled:
            told = SETTLED if self.visit_id else LESS if self.amount > 0 else MORE
        else:
            told = (REVERSED if self.is_reversal else TOLD)[self._what()]
        return lazy(told.message, **said)

    def _charge(self) -> object:
        if self.is_voided:
            return MISTAKE
        fee = money.written(self.fee, language.locale())
        told = {"service": self.service, "units": self.units, "fee": fee, "payer": self.payer}
        if self.payer and self.units > 1:
            return lazy("%(service)s, %(units)s at %(fee)s each. %(payer)s is asked to pay first.", **told)
        if self.payer:
            return lazy("%(service)s. %(payer)s is asked to pay first.", **told)
        return lazy("%(service)s, %(units)s at %(fee)s each", **told) if self.units > 1 else self.service

    def _taken_back(self) -> object:
        if self.kind != EntryKind.TRANSFER:
            return VOIDED if self.kind == EntryKind.CHARGE else VOIDED_TOO
        if self.visit_id is None:
            return KEPT
        return FREED if self.amount else SHIFTED

    @property
    def _is_settled(self) -> bool:
        """What is reversed of a visit that was voided goes to credit, or comes from it."""
        return self.is_voided or (self.visit_id is None and self.act != PostingKind.CREDIT)

    def _what(self) -> str:
        by_credit = self.act == PostingKind.CREDIT or self.kind == EntryKind.CLIENT_PAYMENT
        if by_credit and self.visit_id is None:
            return f"{self.kind} ahead"
        if self.act == PostingKind.CREDIT:
            return "credit"
        return f"{self.kind} {self.act}" if self.kind == EntryKind.ADJUSTMENT else self.kind


MISTAKE = lazy("A visit that was recorded by mistake")
VOIDED = lazy("Recorded by mistake: the price was taken back")
VOIDED_TOO = lazy("Recorded by mistake: what had been taken off does not count any more")
SHIFTED = lazy("Recorded by mistake: nothing of it is left to you")
FREED = lazy("What you had paid for it no longer goes there")
SETTLED = lazy("Recorded by mistake: nothing is owed for it")
LESS = lazy("Your credit is %(amount)s less")
MORE = lazy("Your credit is %(amount)s more")
KEPT = lazy("Instead it is kept for you as credit")
TOLD = {
    "insurer_payment": lazy("%(payer)s paid %(amount)s"),
    "adjustment insurer": lazy("%(payer)s took %(amount)s off: the price that it has agreed on with the practice"),
    "adjustment adjustment": lazy("The practice took %(amount)s off your price"),
    "write_off": lazy("The practice no longer asks for %(amount)s"),
    "client_payment": lazy("You paid %(amount)s %(how)s"),
    "client_payment ahead": lazy("You paid %(amount)s ahead %(how)s: it is kept for you as credit"),
    "refund": lazy("We gave you %(amount)s back %(how)s"),
    "transfer": lazy("%(payer)s left %(amount)s to you"),
    "credit": lazy("Your credit paid %(amount)s of it"),
    "transfer ahead": lazy("%(amount)s of your credit went to what you owed"),
}
REVERSED = {
    "insurer_payment": lazy("The %(amount)s from %(payer)s was taken back"),
    "adjustment insurer": lazy("The %(amount)s that %(payer)s had taken off is owed again"),
    "adjustment adjustment": lazy("The %(amount)s that the practice had taken off is owed again"),
    "write_off": lazy("The %(amount)s that the practice had taken off is owed again"),
    "client_payment": lazy("Your payment of %(amount)s does not count any more"),
    "client_payment ahead": lazy("The %(amount)s that you had paid ahead does not count any more"),
    "refund": lazy("The %(amount)s was not given back to you after all"),
    "transfer": lazy("%(amount)s waits for %(payer)s again"),
    "credit": lazy("Your credit no longer pays %(amount)s of it"),
    "transfer ahead": lazy("%(amount)s is your credit again"),
}


def how(method: str) -> object:
    return HOW[Method(method)] if method else ""
