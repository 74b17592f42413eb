"""Which forms of the practice can be shared: those in use, as they are now."""

from dataclasses import dataclass

from portal.access import Permission, Viewer
from portal.database import fetch
from portal.library.tables import FormKind

FORMS = """
SELECT f.id, f.kind, f.title, f.words, f.is_signed, v.pages
  FROM practice_form AS f JOIN LATERAL (
    SELECT pages FROM form_version WHERE form = f.id AND published_at IS NOT NULL ORDER BY number DESC LIMIT 1) AS v
    ON true
 WHERE f.is_active ORDER BY lower(f.title), f.id
"""


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
