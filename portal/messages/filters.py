"""Which conversations the inbox shows, and where in them one is: the address says all of it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Self
from urllib.parse import urlencode

from portal.keyset import Place


class View(StrEnum):
    WAITING = "waiting"
    MINE = "mine"
    ALL = "all"
    CLOSED = "closed"


@dataclass(frozen=True)
class Filters:
    """`words` is what is searched for, and `find` the same sealed: a name stands in no history and no log.

    One of `after` and `before` may say where a page begins.
    """

    view: View = View.WAITING
    topic: str = ""
    words: str = ""
    find: str = ""
    client_id: int | None = None
    after: Place | None = None
    before: Place | None = None

    @property
    def is_narrow(self) -> bool:
        return bool(self.topic or self.words or self.client_id)

    @property
    def is_oldest_first(self) -> bool:
        return self.view == View.WAITING

    def at(self, after: Place | None = None, before: Place | None = None) -> Self:
        return replace(self, after=after, before=before)

    def of(self, view: str) -> Self:
        """The same in another view, from its beginning."""
        return replace(self, view=View(view), after=None, before=None)

    def everything(self) -> Self:
        """The same view without what narrows it."""
        return replace(self, topic="", words="", find="", client_id=None, after=None, before=None)

    @cached_property
    def query(self) -> str:
        told = {
            "view": "" if self.view == View.WAITING else self.view,
            "topic": self.topic,
            "client": self.client_id,
            "find": self.find,
            "after": self.after.written if self.after else "",
            "before": self.before.written if self.before else "",
        }
        return urlencode({name: value for name, value in told.items() if value})

    def on(self, url: str) -> str:
        """An address that keeps them."""
        return f"{url}?{self.query}" if self.query else url
