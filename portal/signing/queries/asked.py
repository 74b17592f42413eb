"""What somebody is about to sign."""

from dataclasses import dataclass

from portal.access import Area, NotFoundException, Reach, Viewer
from portal.database import fetch
from portal.documents.queries import shown
from portal.documents.queries.shown import Shown
from portal.documents.tables import DocumentState, Purpose
from portal.filling import answers
from portal.library import fields
from portal.library.fields import Field, Kind
from portal.signing import words

FACTS = """
SELECT d.sha256, v.fields, f.answers
  FROM document AS d LEFT JOIN form_version AS v ON v.id = d.form_version
  LEFT JOIN form_draft AS f ON f.document = d.id WHERE d.id = {}
"""
TAKEN_BACK = """
SELECT 1 FROM document WHERE id = {} AND client = {} AND shared_at IS NOT NULL
   AND (state = 'withdrawn' OR hidden_for <> '')
"""


@dataclass(frozen=True)
class Asked:
    """`seen` and `intent` are what a signature is given to; `initials` are the pages that ask for some."""

    document: Shown
    reach: Reach
    intent: str
    seen: str
    has_answers: bool
    is_whole: bool
    initials: list[int]
    needs_initials: bool

    @property
    def must_be_opened(self) -> bool:
        return self.document.state == DocumentState.PENDING

    @property
    def may_be_signed(self) -> bool:
        return self.document.waits and self.is_whole and not self.must_be_opened


async def asked(viewer: Viewer, client_id: int, document_id: int) -> Asked:
    """Not there where it is not to be signed."""
    found = await shown.document(viewer, client_id, document_id)
    if found.purpose != Purpose.SIGN:
        raise NotFoundException
    (row,) = await fetch(FACTS, document_id)
    every = fields.read(row["fields"]) if row["fields"] else []
    given = answers.known(every, answers.read(row["answers"] or "{}"))
    initialed = [one for one in every if is_initialed(one)]
    reach = reach_of(viewer, client_id)
    return Asked(
        document=found,
        reach=reach,
        intent=words.intent(found.called, reach),
        seen=answers.shown(row["sha256"], every, given),
        has_answers=any(one.is_asked for one in every),
        is_whole=not answers.missing(every, given),
        initials=sorted({place.page for one in initialed for place in one.places}),
        needs_initials=any(one.required for one in initialed),
    )


def is_initialed(one: Field) -> bool:
    return one.is_clients and one.kind == Kind.INITIALS


def reach_of(viewer: Viewer, client_id: int) -> Reach:
    """As whom somebody acts for the client in what concerns documents."""
    theirs = (one for one in viewer.grants if one.client_id == client_id and Area.DOCUMENTS in one.areas)
    found = next(theirs, None)
    if found is None:
        raise NotFoundException
    return found


async def was_taken_back(viewer: Viewer, client_id: int, document_id: int) -> bool:
    """Shared once, and not to be found now: whoever had its page open is told so."""
    viewer.must_act_for(client_id, Area.DOCUMENTS)
    return bool(await fetch(TAKEN_BACK, document_id, client_id))
