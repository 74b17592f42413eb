"""Who did what, to which client, when, from where: a row in the transaction of the act itself."""

import json
from datetime import timedelta
from typing import Any

from portal import clock
from portal.access import Viewer
from portal.audit.tables import AuditRow
from portal.database import Prepared

__all__ = ["AuditRow", "record", "record_many", "record_reading"]

LATELY = timedelta(minutes=15)
COLUMNS = ("happened_at", "account_id", "actor", "role", "act", "client_id", "subject_id", "address", "detail")
INSERT = Prepared(
    f"INSERT INTO audit_row ({', '.join(COLUMNS)}, key_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '')", *COLUMNS
)


async def record(
    viewer: Viewer, act: str, *, client_id: int | None = None, subject_id: int | None = None, **detail: object
) -> None:
    """`act` is `thing.past` or `thing.read`; `detail` holds ids, counts and words of ours only."""
    await INSERT(**_row(viewer, act, client_id, subject_id, detail))


async def record_reading(viewer: Viewer, client_id: int, page: str, *, is_part: bool) -> None:
    """One row per page of a client's record; a part of a page counts with the page that was read before it."""
    if is_part and await _has_read_lately(viewer, client_id):
        return
    await record(viewer, "page.read", client_id=client_id, page=page)


async def _has_read_lately(viewer: Viewer, client_id: int) -> bool:
    return await AuditRow.exists().where(
        AuditRow.client_id == client_id,
        AuditRow.account_id == viewer.account_id,
        AuditRow.act == "page.read",
        AuditRow.happened_at > clock.now() - LATELY,
    )


async def record_many(viewer: Viewer, act: str, client_ids: list[int], **detail: object) -> None:
    """One row for each client, in one statement: what imports and lists need."""
    for start in range(0, len(client_ids), 1000):
        rows = [AuditRow(**_row(viewer, act, one, None, detail)) for one in client_ids[start : start + 1000]]
        await AuditRow.insert(*rows)


def _row(
    viewer: Viewer, act: str, client_id: int | None, subject_id: int | None, detail: dict[str, object]
) -> dict[str, Any]:
    if viewer.is_portal:
        actor, role = f"portal: {viewer.reason}", "portal"
    else:
        actor, role = viewer.name, str(viewer.role or _standing(viewer, client_id))
    return {
        "happened_at": clock.now(),
        "account_id": viewer.account_id,
        "actor": actor[:200],
        "role": role,
        "act": act,
        "client_id": client_id,
        "subject_id": subject_id,
        "address": viewer.address,
        "detail": json.dumps({**detail, **({"session": viewer.session_id} if viewer.session_id else {})}, default=str),
    }


def _standing(viewer: Viewer, client_id: int | None) -> str:
    """On whose behalf: self, guardian or proxy of this client; nobody before sign-in."""
    if not viewer.is_signed_in:
        return "nobody"
    return next((grant.kind for grant in viewer.grants if grant.client_id == client_id), "account")
