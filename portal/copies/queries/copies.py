"""The completed copy of a document, for whoever reads the document; and of any file, whether it is one of ours."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.access import NotFoundException, Viewer
from portal.copies.tables import CopyKind
from portal.database import fetch
from portal.documents.queries import kept, shown
from portal.language import gettext

# Of the last sending, with what the practice has added to it as soon as that is there.
NEWEST = """
SELECT s.id AS submission_id, c.key, c.size, c.kind, c.made_at,
       EXISTS (SELECT FROM errand AS e
                WHERE e.actor = 'complete' AND e.subject_id = s.id AND e.state = 'dead') AS failed
  FROM (SELECT id FROM form_submission WHERE document = {} ORDER BY number DESC LIMIT 1) AS s
  LEFT JOIN LATERAL (SELECT key, size, kind, made_at FROM completed_copy WHERE submission = s.id
                      ORDER BY kind::text = 'accepted' DESC LIMIT 1) AS c ON true
"""
OF_HASH = "SELECT made_at FROM completed_copy WHERE sha256 = {}"
OF_SUBMISSION = "SELECT id FROM completed_copy WHERE submission = {} AND kind::text = {}"


@dataclass(frozen=True)
class Copy:
    """`key` is empty until it is made; `failed` says that it was tried to the end and given up."""

    client_id: int
    document_id: int
    name: str
    key: str
    size: int
    made_at: datetime | None
    failed: bool

    @property
    def is_ready(self) -> bool:
        return bool(self.key)

    @property
    def state(self) -> str:
        return "ready" if self.is_ready else "failed" if self.failed else "waiting"


async def of_client(viewer: Viewer, client_id: int, document_id: int) -> Copy:
    """Not there where nothing was sent."""
    one = await shown.document(viewer, client_id, document_id)
    return await _newest(one.client_id, one.id, one.name)


async def of_staff(viewer: Viewer, document_id: int) -> Copy:
    one = await kept.document(viewer, document_id)
    return await _newest(one.client_id, one.id, one.name)


async def made_with(viewer: Viewer, digest: bytes) -> datetime | None:
    """When that very file was made, if we made it. For everybody: it says nothing of whose it is."""
    rows = await fetch(OF_HASH, digest)
    return rows[0]["made_at"] if rows else None


async def is_there(viewer: Viewer, submission_id: int, kind: str) -> bool:
    """Whether there is such a copy, which then is another file than one that only says so."""
    return bool(await fetch(OF_SUBMISSION, submission_id, kind)) if kind in tuple(CopyKind) else False


async def _newest(client_id: int, document_id: int, name: str) -> Copy:
    rows: list[dict[str, Any]] = await fetch(NEWEST, document_id)
    if not rows:
        raise NotFoundException
    row, stem = rows[0], name.rpartition(".")[0] or name
    return Copy(
        client_id, document_id, gettext("%(name)s, completed.pdf", name=stem), row["key"] or "", row["size"] or 0,
        row["made_at"], row["failed"],
    )  # fmt: skip
