"""All that the rows know of one sending: who filled it in, who signed it and how, and what happened to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.access import Viewer
from portal.database import fetch
from portal.documents.rules import AS_PORTAL
from portal.filling import answers
from portal.library import fields
from portal.library.fields import Field
from portal.signing.queries import sent
from portal.signing.tables import Role

SENT = """
SELECT s.id, s.document AS document_id, s.number, s.answers, s.answers_sha256, s.blank_sha256, s.fields_sha256,
       s.language, s.sent_at, s.session, s.address, s.agent, a.name AS sent_by, a.email AS sent_by_email,
       d.client AS client_id, d.title, d.title_es, d.name, d.media_type, d.key, d.pages, d.purpose, v.fields,
       v.number AS version, f.title AS form
  FROM form_submission AS s JOIN account AS a ON a.id = s.sent_by JOIN document AS d ON d.id = s.document
  LEFT JOIN form_version AS v ON v.id = d.form_version LEFT JOIN practice_form AS f ON f.id = v.form
 WHERE s.id = {}
"""
SIGNATURES = """
SELECT g.role, g.signer, g.relation, g.how, g.name, g.initials, g.image_key, g.image_sha256, g.intent, g.button,
       g.authentication, g.session, g.address, g.agent, g.time_zone, g.signed_at, a.email,
       c.language AS consent_language, c.wording, c.wording_sha256, c.given_at, c.address AS consent_address
  FROM form_signature AS g JOIN account AS a ON a.id = g.account
  LEFT JOIN electronic_consent AS c ON c.id = g.consent
 WHERE g.submission = {} ORDER BY g.signed_at, g.id
"""
ACCEPTANCE = "SELECT answers, answers_sha256, accepted_at FROM form_acceptance WHERE submission = {}"
STEPS = "SELECT happened_at, step, actor, address FROM document_step WHERE document = {} ORDER BY id"
AUDITED = """
SELECT seal_number, seal FROM audit_row
 WHERE act = 'document.sent' AND subject_id = {} AND client_id = {} AND happened_at >= {} ORDER BY id LIMIT 1
"""


@dataclass(frozen=True)
class Consent:
    """To electronic records, in the words that were read."""

    wording: str
    wording_sha256: bytes
    given_at: datetime
    address: str


@dataclass(frozen=True)
class Signed(sent.Signed):
    """And how it came about; `session` is the number of the one that was signed in."""

    image_sha256: bytes
    button: str
    session: int | None
    agent: str
    time_zone: str
    email: str
    consent: Consent | None

    @property
    def is_practice(self) -> bool:
        return self.role == Role.PRACTICE


@dataclass(frozen=True)
class Accepted:
    """What the practice filled in."""

    answers: dict[str, list[str]]
    answers_sha256: bytes
    accepted_at: datetime


@dataclass(frozen=True)
class Happened:
    happened_at: datetime
    step: str
    actor: str
    address: str

    @property
    def by(self) -> str:
        """A person; what the clock did has nobody."""
        return "" if self.actor.startswith(AS_PORTAL) else self.actor


@dataclass(frozen=True)
class Audited:
    """Its row of the audit, in the chain of all others; empty until that was sealed."""

    number: int | None = None
    seal: bytes = b""


@dataclass(frozen=True)
class Record:
    """Of one submission, `number` of its document; `key` names the file as it was shown."""

    id: int
    document_id: int
    client_id: int
    number: int
    title: str
    name: str
    form: str
    version: int | None
    media_type: str
    key: str
    pages: int | None
    purpose: str
    fields: tuple[Field, ...]
    answers: dict[str, list[str]]
    answers_sha256: bytes
    blank_sha256: bytes
    fields_sha256: bytes
    language: str
    sent_at: datetime
    sent_by: str
    sent_by_email: str
    session: int | None
    address: str
    agent: str
    signatures: tuple[Signed, ...]
    accepted: Accepted | None
    steps: tuple[Happened, ...]
    audited: Audited

    @property
    def is_pdf(self) -> bool:
        return self.media_type == "application/pdf"

    @property
    def was_added_to(self) -> bool:
        """Whether the practice wrote or signed anything on it."""
        return bool(self.accepted and self.accepted.answers) or any(one.is_practice for one in self.signatures)


async def record(viewer: Viewer, submission_id: int, *, with_practice: bool = False) -> Record | None:
    """For the portal itself. As it was sent; `with_practice`, with what the practice has added."""
    assert viewer.is_portal
    rows = await fetch(SENT, submission_id)
    if not rows:
        return None
    row = rows[0]
    accepted = [_accepted(one) for one in await fetch(ACCEPTANCE, submission_id)] if with_practice else []
    signed = [_signed(one) for one in await fetch(SIGNATURES, submission_id)]
    signatures = tuple(one for one in signed if with_practice or not one.is_practice)
    steps = tuple(Happened(**one) for one in await fetch(STEPS, row["document_id"]))
    asked = tuple(fields.read(row.pop("fields") or "[]"))
    told = {name: row[name] for name in Record.__dataclass_fields__ if name in row}
    told["title"] = row["title_es"] if row["language"] == "es" and row["title_es"] else row["title"]
    told |= {"answers": answers.read(row["answers"]), "form": row["form"] or "", "fields": asked}
    return Record(
        **told, signatures=signatures, accepted=accepted[0] if accepted else None, steps=steps,
        audited=await _audited(row),
    )  # fmt: skip


def _signed(row: dict[str, Any]) -> Signed:
    consent = None
    if row["given_at"]:
        consent = Consent(row["wording"], row["wording_sha256"], row["given_at"], row["consent_address"])
    return Signed(**{name: row[name] for name in Signed.__dataclass_fields__ if name in row}, consent=consent)


def _accepted(row: dict[str, Any]) -> Accepted:
    return Accepted(answers.read(row["answers"]), row["answers_sha256"], row["accepted_at"])


async def _audited(row: dict[str, Any]) -> Audited:
    """Written by the act of sending, a moment after it."""
    rows = await fetch(AUDITED, row["document_id"], row["client_id"], row["sent_at"])
    return Audited(rows[0]["seal_number"], rows[0]["seal"]) if rows and rows[0]["seal"] else Audited()
