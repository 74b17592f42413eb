"""Everything that is kept of what was sent, computed again: answers, files, seals, signatures, and the audit."""

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal import signets, storage
from portal.access import Viewer
from portal.copies import making, workbench
from portal.copies.queries.record import Record, record
from portal.copies.tables import CopyKind
from portal.database import fetch
from portal.documents.tables import Purpose
from portal.filling import answers
from portal.keys import Unreadable

SUBMISSIONS = "SELECT id FROM form_submission WHERE document = ANY({}::bigint[]) OR {} ORDER BY id"
COPIES = "SELECT kind, key, size, sha256, seal FROM completed_copy WHERE submission = {} ORDER BY id"
IN_HAND = """
SELECT EXISTS (SELECT FROM errand WHERE actor = 'complete' AND subject_id = {} AND state IN ('queued', 'leased')) AS it
"""
AUDITED = """
SELECT EXISTS (SELECT FROM audit_row WHERE act = 'document.sent' AND subject_id = {} AND client_id = {}
                  AND happened_at >= {}) AS is_there
"""


@dataclass
class Checked:
    """One submission, and what does not hold, each as a sentence."""

    submission_id: int
    document_id: int
    copies: int = 0
    faults: list[str] = field(default_factory=list)


async def check(viewer: Viewer, document_ids: Sequence[int]) -> AsyncIterator[Checked]:
    """Of these documents, or of all where none is named."""
    assert viewer.is_portal
    for row in await fetch(SUBMISSIONS, list(document_ids), not document_ids):
        one = await record(viewer, row["id"], with_practice=True)
        assert one is not None
        found = Checked(one.id, one.document_id)
        found.faults += [said for said, holds in await _rows(one) if not holds]
        for copy in await fetch(COPIES, one.id):
            found.copies += 1
            found.faults += await _copy(viewer, one, copy)
        if not found.copies and not (await fetch(IN_HAND, one.id))[0]["it"]:
            found.faults.append("it has no copy, and none is being made")
        yield found


async def _rows(one: Record) -> list[tuple[str, bool]]:
    shown = await _content(one.key)
    audited = (await fetch(AUDITED, one.document_id, one.client_id, one.sent_at))[0]["is_there"]
    is_signed = one.purpose != Purpose.SIGN or any(not signed.is_practice for signed in one.signatures)
    says = [
        ("the answers are not those that were sent", answers.digest(one.answers) == one.answers_sha256),
        ("the fields are not those that were asked", answers.digest_of_fields(one.fields) == one.fields_sha256),
        ("the file that was shown is missing or was changed", _is(shown, one.blank_sha256)),
        ("its row of the audit is missing", audited),
        ("it was to be signed and has no signature", is_signed),
    ]  # fmt: skip
    if one.accepted:
        holds = answers.digest(one.accepted.answers) == one.accepted.answers_sha256
        says.append(("what the practice filled in is not what it accepted", holds))
    for signed in one.signatures:
        if signed.image_key:
            holds = _is(await _content(signed.image_key), signed.image_sha256)
            says.append((f"the drawing of the {signed.role} is missing or was changed", holds))
        if signed.consent:
            holds = _is(signed.consent.wording.encode(), signed.consent.wording_sha256)
            says.append(("the words of the consent were changed", holds))
    return says


async def _copy(viewer: Viewer, one: Record, row: dict[str, Any]) -> list[str]:
    """Its file, its seal, and whether it says what the rows say."""
    kind, content = str(row["kind"]), await _content(row["key"])
    called = f"the copy {kind!r}"
    if content is None or not _is(content, row["sha256"]):
        return [f"{called} is missing or was changed"]
    found = await workbench.checked(content)
    seals = [seal for seal in found.seals if seal.fingerprint == bytes(row["seal"])]
    faults = []
    if not seals or not all(seal.holds and seal.is_whole for seal in seals):
        faults.append(f"the seal of {called} does not hold")
    elif not signets.knows(seals[0].fingerprint):
        faults.append(f"{called} was sealed with a certificate that is not in the key file")
    as_then = await record(viewer, one.id, with_practice=kind == CopyKind.ACCEPTED)
    assert as_then is not None
    if found.record != making.said_of(as_then, kind):
        faults.append(f"{called} says something else than the record: {_differing(found.record, as_then, kind)}")
    return faults


def _differing(said: str, one: Record, kind: str) -> str:
    """Which of it."""
    here = json.loads(making.said_of(one, kind))
    try:
        there = json.loads(said)
        return ", ".join(name for name in here if here[name] != there.get(name))
    except (ValueError, AttributeError):
        return "it says nothing"


def _is(content: bytes | None, digest: bytes) -> bool:
    return content is not None and hashlib.sha256(content).digest() == bytes(digest)


async def _content(key: str) -> bytes | None:
    try:
        return await storage.get(key)
    except (storage.NoSuchFile, Unreadable):
        return None
