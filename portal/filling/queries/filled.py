"""A form as its client fills it in: what is asked, page by page, and what was answered so far."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from portal.access import NotFoundException, Viewer
from portal.database import fetch
from portal.documents import rules
from portal.documents.queries import shown
from portal.documents.queries.shown import Shown
from portal.documents.tables import Purpose
from portal.filling import answers
from portal.library import fields
from portal.library.fields import Field, Kind

FOUND = """
SELECT d.sha256, v.fields, f.answers, f.saved_at
  FROM document AS d LEFT JOIN form_version AS v ON v.id = d.form_version LEFT JOIN form_draft AS f ON f.document = d.id
 WHERE d.id = {}
"""


class Question(NamedTuple):
    """`place` is its field's in the whole form, from 0: a version's fields stay where they are."""

    place: int
    field: Field


class Group(NamedTuple):
    """What is asked on one page of the PDF."""

    page: int
    questions: list[Question]


@dataclass(frozen=True)
class Filled:
    """`fields` are all of the form, whoever fills them in. Nothing was saved yet where `saved_at` is None."""

    document: Shown
    sha256: bytes
    fields: list[Field]
    answers: dict[str, list[str]]
    saved_at: datetime | None

    @property
    def at(self) -> dict[str, Any]:
        """Where it stands, as addresses say it."""
        return {"client_id": self.document.client_id, "document_id": self.document.id}

    @property
    def groups(self) -> list[Group]:
        asked = [Question(place, one) for place, one in enumerate(self.fields) if one.is_asked]
        pages = dict.fromkeys(one.field.page for one in asked)
        return [Group(page, [one for one in asked if one.field.page == page]) for page in pages]

    @property
    def missing(self) -> list[Question]:
        lacking = {one.name for one in answers.missing(self.fields, self.answers)}
        return [one for group in self.groups for one in group.questions if one.field.name in lacking]

    @property
    def seen(self) -> str:
        return answers.shown(self.sha256, self.fields, self.answers)

    @property
    def is_open(self) -> bool:
        """Whether its client may still fill it in."""
        return self.document.state in rules.WAITING

    @property
    def is_sent(self) -> bool:
        return self.document.is_sent

    @property
    def is_signed(self) -> bool:
        return self.document.purpose == Purpose.SIGN

    @property
    def begins(self) -> int | None:
        """The page to go on at: where something is missing, else where answers end, as far as it is not whole. None is
        none: it can be looked over.
        """
        if self.saved_at is None:
            return next((one.page for one in self.groups), None)
        if self.missing:
            return self.missing[0].field.page
        begun = [place for place, group in enumerate(self.groups) if self._answers(group, any)]
        rest = self.groups[begun[-1] :] if begun else self.groups
        return next((one.page for one in rest if not self._answers(one, all)), None)

    def _answers(self, group: Group, how: Callable[[Iterable[bool]], bool]) -> bool:
        """A box that is not ticked may be meant like that."""
        told = [one.field for one in group.questions if how is any or one.field.kind != Kind.CHECK]
        return how(one.name in self.answers for one in told)


async def filled(viewer: Viewer, client_id: int, document_id: int) -> Filled:
    """What is only to be read is not there. `groups` are empty where it is only signed."""
    one = await shown.document(viewer, client_id, document_id)
    if one.purpose == Purpose.READ or (one.purpose == Purpose.FILL and not one.asks):
        raise NotFoundException
    (row,) = await fetch(FOUND, document_id)
    asked = fields.read(row["fields"]) if row["fields"] else []
    given = answers.known(asked, answers.read(row["answers"])) if row["answers"] else {}
    return Filled(one, row["sha256"], asked, given, row["saved_at"])
