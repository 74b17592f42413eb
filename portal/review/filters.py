"""What the queue is narrowed to, in which order, and where in it one is: the address says all of it."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self
from urllib.parse import urlencode

from portal.keyset import Place

AGES = (1, 3, 7)


@dataclass(frozen=True)
class Filters:
    """`clinician` is a member of staff; `age` is in days; one of `after` and `before` may say where a page begins."""

    kind: str = ""
    clinician: int | None = None
    age: int = 0
    is_mine: bool = False
    is_newest_first: bool = False
    after: Place | None = None
    before: Place | None = None

    @property
    def is_narrow(self) -> bool:
        return bool(self.kind or self.clinician or self.age or self.is_mine)

    def at(self, after: Place | None = None, before: Place | None = None) -> Self:
        """The same from another place, or from the beginning."""
        return replace(self, after=after, before=before)

    def starting_with(self, place: Place) -> Self:
        """The same, where the page begins with the row at this place."""
        return self.at(after=Place(place.at, place.id + (1 if self.is_newest_first else -1)))

    @cached_property
    def query(self) -> str:
        told = {
            "kind": self.kind,
            "clinician": self.clinician,
            "age": self.age,
            "mine": "yes" if self.is_mine else "",
            "sort": "newest" if self.is_newest_first else "",
            "after": self.after.written if self.after else "",
            "before": self.before.written if self.before else "",
        }
        return urlencode({name: value for name, value in told.items() if value})

    def on(self, url: str) -> str:
        """An address that keeps them."""
        return f"{url}{'&' if '?' in url else '?'}{self.query}" if self.query else url


EVERYTHING = Filters()
