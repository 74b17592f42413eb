"""What a document is shared for."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.documents import rules
from portal.documents.tables import Purpose
from portal.language import lazy
from portal.refusal import Refused


@dataclass(frozen=True)
class Terms:
    """`hidden_for` names why the client does not see it yet; empty is at once."""

    purpose: str = Purpose.READ
    note: str = ""
    due_on: date | None = None
    ends_when_due: bool = False
    hidden_for: str = ""

    def must_hold(self, today: date) -> None:
        """Raises `Refused`, beside its field."""
        wrong: dict[str, object] = {}
        if self.purpose not in rules.PURPOSES:
            wrong["purpose"] = lazy("Choose what the client is to do with it")
        if self.hidden_for and self.hidden_for not in rules.HIDDEN:
            wrong["hidden_for"] = lazy("Choose one of the reasons")
        if self.due_on and not today <= self.due_on <= today + timedelta(days=rules.MOST_DAYS):
            wrong["due_on"] = lazy("Choose a day from today on, within a year")
        if self.ends_when_due and not self.due_on:
            wrong["due_on"] = lazy("Choose the day after which it cannot be sent any more")
        if wrong:
            raise Refused(wrong)
