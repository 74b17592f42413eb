"""What a client has sent, as staff look at it: the answers, who signed, and what the practice added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from portal.access import NotFoundException, Permission, Viewer
from portal.database import fetch
from portal.documents import rules
from portal.documents.tables import Document, DocumentState
from portal.filling import answers
from portal.filling.queries.filled import Question
from portal.library import fields
from portal.library.fields import Field, Kind
from portal.practice.queries import name_of
from portal.signing.tables import How

ONE = f"""
SELECT s.id, s.number, s.answers, s.language, s.sent_at, a.name AS sent_by, document.id AS document_id,
       document.client AS client_id, document.title, document.state, document.version, document.media_type,
       document.pages, document.key, document.preview_key, document.common_reason, document.reason, v.fields,
       x.answers AS own, x.accepted_at, {name_of("m")} AS accepted_by
  FROM form_submission AS s JOIN document ON document.id = s.document JOIN account AS a ON a.id = s.sent_by
  LEFT JOIN form_version AS v ON v.id = document.form_version
  LEFT JOIN form_acceptance AS x ON x.submission = s.id LEFT JOIN staff_member AS m ON m.id = x.accepted_by
 WHERE s.id = {{}} AND {{}}
"""
SIGNATURES = """
SELECT role, signer, relation, how, name, initials, image_key, intent, signed_at, authentication, address
  FROM form_signature WHERE submission = {} ORDER BY id
"""
SENDINGS = "SELECT id, number, sent_at FROM form_submission WHERE document = {} ORDER BY number DESC"
LAST = """
SELECT s.id FROM form_submission AS s JOIN document ON document.id = s.document
 WHERE document.id = {} AND {} ORDER BY s.number DESC LIMIT 1
"""


@dataclass(frozen=True)
class Signed:
    role: str
    signer: str
    relation: str
    how: str
    name: str
    initials: str
    image_key: str
    intent: str
    signed_at: datetime
    authentication: str
    address: str

    @property
    def is_drawn(self) -> bool:
        return self.how == How.DRAWN


class Sending(NamedTuple):
    id: int
    number: int
    sent_at: datetime


@dataclass(frozen=True)
class Sent:
    """`own` are the answers of the practice; `sendings` are all of this document, the newest first."""

    id: int
    number: int
    answers: dict[str, list[str]]
    language: str
    sent_at: datetime
    sent_by: str
    document_id: int
    client_id: int
    title: str
    state: str
    version: int
    media_type: str
    pages: int | None
    key: str
    preview_key: str
    common_reason: str
    reason: str
    fields: list[Field]
    own: dict[str, list[str]]
    accepted_at: datetime | None
    accepted_by: str
    signatures: list[Signed]
    sendings: list[Sending]

    @property
    def is_last(self) -> bool:
        return self.sendings[0].id == self.id

    @property
    def waits(self) -> bool:
        return self.is_last and self.state == DocumentState.WITH_PRACTICE

    @property
    def standing(self) -> object:
        return rules.STATES[self.state]

    @property
    def why(self) -> str:
        return rules.why(self.common_reason, self.reason)

    @property
    def asked(self) -> list[Field]:
        """What the client filled in."""
        return [one for one in self.fields if one.is_asked]

    @property
    def for_the_practice(self) -> list[Question]:
        """What the practice fills in before it accepts."""
        return [Question(place, one) for place, one in enumerate(self.fields) if is_own(one)]

    @property
    def must_be_countersigned(self) -> bool:
        return must_be_countersigned(self.fields)

    @property
    def picture(self) -> tuple[str, str]:
        return rules.picture_of(self.media_type, self.key, self.preview_key)


def is_own(one: Field) -> bool:
    """Whether the practice fills it in before it accepts."""
    return one.by == fields.By.PRACTICE and not one.is_signed


def must_be_countersigned(every: Sequence[Field]) -> bool:
    """Where the form has a place for it."""
    return any(one.by == fields.By.PRACTICE and one.kind == Kind.SIGNATURE for one in every)


async def submission(viewer: Viewer, submission_id: int) -> Sent:
    viewer.must(Permission.DOCUMENT_SHARE)
    rows = await fetch(ONE, submission_id, viewer.reaches(Document).querystring)
    if not rows:
        raise NotFoundException
    row = rows[0]
    return Sent(
        **{name: row[name] for name in Sent.__dataclass_fields__ if name in row and name not in READ},
        answers=answers.read(row["answers"]),
        own=answers.read(row["own"] or "{}"),
        fields=fields.read(row["fields"]) if row["fields"] else [],
        signatures=[Signed(**one) for one in await fetch(SIGNATURES, submission_id)],
        sendings=[Sending(**one) for one in await fetch(SENDINGS, row["document_id"])],
    )


READ = ("answers", "own", "fields")


async def last_of(viewer: Viewer, document_id: int) -> int:
    """The last sending of a document."""
    viewer.must(Permission.DOCUMENT_SHARE)
    rows: list[dict[str, Any]] = await fetch(LAST, document_id, viewer.reaches(Document).querystring)
    if not rows:
        raise NotFoundException
    return int(rows[0]["id"])
