"""A card as somebody typed it. Test numbers only: any other is neither kept nor shown again."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from stripesim import cards, words
from stripesim.cards import Card

CENTURY = 2000
SHORTEST_NUMBER = 14
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass
class Typed:
    said: dict[str, str]
    now: int
    card: Card | None = None
    month: int = 0
    year: int = 0
    wrong: dict[str, str] = field(default_factory=dict)  # field: name of the sentence

    def __post_init__(self) -> None:
        self.read_number(re.sub(r"[\s-]", "", self.said.get("number", "")))
        self.read_expiry(self.said.get("expiry", ""))
        digits = self.card.digits_of_cvc if self.card else 3
        if not re.fullmatch(rf"\d{{{digits},4}}", self.said.get("cvc", "").strip()):
            self.wrong["cvc"] = "cvc_short"
        if "postal_code" in self.said and not self.said["postal_code"].strip() and self.said.get("country") == "US":
            self.wrong["postal_code"] = "postal_missing"

    def read_number(self, number: str) -> None:
        self.card = cards.BY_NUMBER.get(number)
        if self.card:
            return
        if not number.isdigit() or len(number) < SHORTEST_NUMBER:
            self.wrong["number"] = "number_short"
        else:
            self.wrong["number"] = "number_wrong" if number == cards.WRONG_NUMBER else "not_tested"

    def read_expiry(self, text: str) -> None:
        found = re.fullmatch(r"\s*(0?[1-9]|1[0-2])\s*[/-]?\s*((?:20)?\d\d)\s*", text)
        if not found:
            self.wrong["expiry"] = "expiry_wrong"
            return
        self.month = int(found[1])
        self.year = CENTURY + int(found[2]) % 100
        today = datetime.fromtimestamp(self.now, UTC)
        if (self.year, self.month) < (today.year, today.month):
            self.wrong["expiry"] = "expiry_past"

    def insist_name(self) -> None:
        if not self.said.get("name", "").strip():
            self.wrong["name"] = "name_missing"

    def insist_email(self) -> None:
        if not ADDRESS.fullmatch(self.said.get("email", "").strip()):
            self.wrong["email"] = "email_wrong"

    @property
    def address(self) -> dict[str, Any]:
        return {name: self.said[name].strip() or None for name in ("country", "postal_code") if name in self.said}

    @property
    def billing(self) -> dict[str, Any]:
        shown = {name: self.said[name].strip() for name in ("name", "email") if self.said.get(name)}
        return shown | {"address": self.address}

    @property
    def shown_again(self) -> dict[str, str]:
        """The security code never, the number only where it is a test number."""
        hidden = {"cvc"} if self.card else {"cvc", "number"}
        return {name: value for name, value in self.said.items() if name not in hidden}

    def sentences(self, language: str) -> dict[str, str]:
        return {name: words.word(sentence, language) for name, sentence in self.wrong.items()}
