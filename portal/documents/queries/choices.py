"""What can be shared at once: the forms of the practice that are in use, and files that wait in a chart."""

from dataclasses import dataclass
from typing import NamedTuple

from portal.access import Permission, Viewer
from portal.database import fetch
from portal.documents.tables import Document
from portal.library.tables import FormKind

FORMS = """
SELECT f.id, f.kind, f.title, f.words, f.is_signed, v.pages
  FROM practice_form AS f JOIN LATERAL (
    SELECT pages FROM form_version WHERE form = f.id AND published_at IS NOT NULL ORDER BY number DESC LIMIT 1) AS v
    ON true
 WHERE f.is_active ORDER BY lower(f.title), f.id
"""
FILES = """
SELECT id, title FROM document WHERE client = {} AND state = 'not_shared' AND form_version IS NULL AND {}
 ORDER BY added_at DESC, id DESC LIMIT 25
"""


class Waiting(NamedTuple):
    id: int
    title: str


@dataclass(frozen=True)
class Choice:
    id: int
    kind: str
    title: str
    words: str
    is_signed: bool
    pages: int

    @property
    def is_sheet(self) -> bool:
        return self.kind == FormKind.SHEET


async def forms(viewer: Viewer) -> list[Choice]:
    viewer.must(Permission.DOCUMENT_SHARE)
    return [Choice(**row) for row in await fetch(FORMS)]


async def files(viewer: Viewer, client_id: int) -> list[Waiting]:
    """The newest of those that were never shared."""
    viewer.must(Permission.DOCUMENT_SHARE)
    return [Waiting(**row) for row in await fetch(FILES, client_id, viewer.reaches(Document).querystring)]
