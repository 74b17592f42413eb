"""A client fills in a form, a part at a time: kept with each page, and by itself while somebody types."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from portal import clock, outbox
from portal.access import NotFoundException, Viewer
from portal.database import transaction
from portal.documents import rules
from portal.documents.actions import opening, rows, steps
from portal.documents.actions.rows import become
from portal.documents.tables import Document, DocumentState, Purpose
from portal.filling import answers
from portal.filling.actions import sending
from portal.filling.answers import Answers
from portal.filling.tables import FormDraft
from portal.library.fields import CHOSEN, Field


class Kept(NamedTuple):
    """`answers` as they stand now. `elsewhere` were answered otherwise since the page was made, and stay so."""

    answers: dict[str, list[str]]
    elsewhere: frozenset[str]
    saved_at: datetime


def mark(values: Sequence[str]) -> str:
    """What a page knows of an answer, in a few letters: each field's own, so that two devices disturb each other only
    where both have answered the same question.
    """
    return hashlib.sha256(json.dumps(list(values)).encode()).hexdigest()[:10]


async def save(viewer: Viewer, client_id: int, document_id: int, given: Answers, known: Mapping[str, str]) -> Kept:
    """`given` are the answers of a part, empty ones too; no other is touched. `known` are the marks of its page.

    Whoever fills it in has opened it. Raises `Refused` where it is not with the client any more.
    """
    async with transaction():
        await opening.opened(viewer, client_id, document_id)
        row = await rows.of_client(viewer, client_id, document_id)
        asked = {one.name: one for one in await sending.asked_of(viewer, row) if one.is_asked}
        if row.purpose == Purpose.READ or not asked:
            raise NotFoundException
        if row.state not in rules.WAITING:
            raise rows.NOT_ANY_MORE
        await sending.must_be_in_time(viewer, row)
        draft = await FormDraft.objects().where(FormDraft.document == row.id).first()
        there = answers.read(draft.answers) if draft else {}
        kept, elsewhere = _put(there, {name: given[name] for name in given if name in asked}, known, asked)
        if draft is None or kept != there:
            draft = await _write(viewer, row, draft, kept)
        if row.state != DocumentState.IN_PROGRESS:
            await become(viewer, row, DocumentState.IN_PROGRESS)
            await steps.note(viewer, row, "started")
            await outbox.record("document.started", row.id, client_id)
    return Kept(kept, elsewhere, draft.saved_at)


def _put(
    there: dict[str, list[str]], given: Answers, known: Mapping[str, str], asked: Mapping[str, Field]
) -> tuple[dict[str, list[str]], frozenset[str]]:
    kept, elsewhere = dict(there), set()
    for name, values in given.items():
        stands = there.get(name, [])
        is_untouched = mark(values) == known.get(name)
        if list(values) == stands or is_untouched:
            continue
        if mark(stands) != known.get(name) and not _holds(asked[name], stands, values):
            elsewhere.add(name)
            continue
        kept[name] = list(values)
    return {name: values for name, values in kept.items() if values}, frozenset(elsewhere)


def _holds(one: Field, stands: Sequence[str], values: Sequence[str]) -> bool:
    """Whether nothing of what stands there is lost: an earlier moment of the same page, whose answer was lost."""
    if one.kind in CHOSEN:
        return set(stands) <= set(values)
    return not stands or (bool(values) and values[0].startswith(stands[0]))


async def _write(viewer: Viewer, row: Document, draft: FormDraft | None, kept: Answers) -> FormDraft:
    draft = draft or FormDraft(document=row.id, version=0, saved_by=viewer.account_id)
    draft.answers, draft.version = answers.canonical(kept), draft.version + 1
    draft.saved_by, draft.saved_at = viewer.account_id, clock.now()
    await draft.save()
    return draft
