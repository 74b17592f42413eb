"""The sections of a chart and the changes that were asked of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Self

from piccolo.querystring import QueryString

from portal import clock
from portal.access import Area, NotFoundException, Permission, Viewer
from portal.clients import record
from portal.clients.sections import SECTIONS
from portal.clients.sheets import Change, Section, Sheet, differences, with_changes
from portal.database import Prepared, fetch
from portal.information import kinds
from portal.information.tables import STILL_ASKED, ChangeRequest, ChangeState

SHOWN_FOR = timedelta(days=14)
COUNTS = """
SELECT (SELECT count(*) FROM related_person WHERE client = $1 AND is_emergency_contact) AS emergency,
       (SELECT count(*) FROM related_person WHERE client = $1 AND NOT is_emergency_contact) AS related,
       (SELECT count(*) FROM coverage WHERE client = $1 AND (ends_on IS NULL OR ends_on >= $2::date)) AS insurance
"""
STANDING = Prepared(
    "SELECT section, state, read_at FROM (SELECT DISTINCT ON (section) section, state, read_at FROM change_request"
    " WHERE client = $1 AND state <> 'withdrawn' ORDER BY section, id DESC) AS newest",
    "client",
)
COUNTED = Prepared(COUNTS, "client", "today")


@dataclass(frozen=True)
class Request:
    """A request as people see it. `changes` is what was asked for, `settled` what became of it."""

    id: int
    client_id: int
    section: Section
    state: ChangeState
    version: int
    before: Sheet
    after: Sheet
    settled: Sheet | None
    changes: list[Change]
    sent_by: str
    sent_by_id: int
    sent_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str
    common_reason: str
    read_at: datetime | None

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        section = SECTIONS[row["section"]]
        before, after = json.loads(row["before"]), json.loads(row["after"])
        return cls(
            id=row["id"], client_id=row["client"], section=section, state=ChangeState(row["state"]),
            version=row["version"], before=before, after=after,
            settled=json.loads(row["settled"]) if row["settled"] else None,
            changes=differences(section, before, after),
            sent_by=row["sender"], sent_by_id=row["sent_by"], sent_at=row["sent_at"],
            decided_by=row["decider"], decided_at=row["decided_at"],
            reason=row["reason"], common_reason=row["common_reason"], read_at=row["read_at"],
        )  # fmt: skip

    @property
    def is_pending(self) -> bool:
        return self.state == ChangeState.PENDING

    @property
    def is_still_asked(self) -> bool:
        """It waits, or was returned and may be sent again."""
        return self.state in STILL_ASKED

    @property
    def kind(self) -> str:
        """Of its item in the queue."""
        return kinds.APPLIED.name if self.state == ChangeState.APPLIED else kinds.CHANGED.name

    def wanted(self, now: Sheet) -> Sheet:
        """The section as it would be: what was asked for, on the record as it stands now."""
        return with_changes(now, self.changes)

    @property
    def why(self) -> str:
        """The reason in the reader's language, as far as it is one of ours."""
        return kinds.reason(self.common_reason, self.reason)

    @property
    def edits(self) -> list[Change]:
        """Where staff wrote something else than was asked for. Entries that were new have other names since."""
        return differences(self.section, _as_asked(self.after, self.settled), self.settled) if self.settled else []


SELECT = """
SELECT change_request.id, client, section, state, version, before, after, settled, sent_by, sent_at, decided_at, reason,
       common_reason, read_at, coalesce(nullif(a.name, ''), a.email) AS sender,
       coalesce(concat_ws(' ', nullif(m.prefix, ''), m.given_name, m.family_name), '') AS decider
  FROM change_request JOIN account a ON a.id = sent_by LEFT JOIN staff_member m ON m.id = decided_by
"""


async def newest(viewer: Viewer, client_id: int, section: Section) -> Request | None:
    """The open one, or the last that was answered lately or not read yet; one that was taken back is over."""
    rows = await _of(viewer, client_id, section, "state <> 'withdrawn' ORDER BY change_request.id DESC LIMIT 1")
    found = rows[0] if rows else None
    if found is None or found.is_pending or found.state == ChangeState.RETURNED:
        return found
    return found if found.decided_at and found.decided_at > clock.now() - SHOWN_FOR else None


async def history(viewer: Viewer, client_id: int, section: Section) -> Sequence[Request]:
    """Who asked for what, and what became of it; the newest first."""
    return await _of(viewer, client_id, section, "TRUE ORDER BY change_request.id DESC LIMIT 200")


async def standing(viewer: Viewer, client_id: int) -> dict[str, ChangeState]:
    """Section → the state of its newest request, where it waits or was answered and not read yet."""
    viewer.must_act_for(client_id, Area.INFORMATION)
    rows = await STANDING(client=client_id)
    return {
        row["section"]: ChangeState(row["state"])
        for row in rows
        if row["state"] in STILL_ASKED or row["read_at"] is None
    }


async def counts(viewer: Viewer, client_id: int, today: Any) -> dict[str, int]:
    """How many stand in each list; of insurance, those that are still valid."""
    viewer.must_act_for(client_id, Area.INFORMATION)
    return dict((await COUNTED(client=client_id, today=today))[0])


async def for_review(viewer: Viewer, request_id: int) -> Request:
    """Within the reach of who settles; anything else is not found."""
    viewer.must(Permission.REVIEW_SETTLE)
    rows = await fetch(f"{SELECT} WHERE change_request.id = {{}} AND {{}}", request_id, _reach(viewer))
    if not rows:
        raise NotFoundException
    return Request.of(rows[0])


async def open_of_client(viewer: Viewer, client_id: int) -> Sequence[Request]:
    """For the chart: what waits there."""
    rows = await fetch(
        f"{SELECT} WHERE client = {{}} AND state = 'pending' AND {{}} ORDER BY change_request.id",
        client_id,
        _reach(viewer),
    )
    return [Request.of(row) for row in rows]


def digest(sheet: Sheet) -> str:
    """Of what somebody has seen: whether it is still what stands there."""
    return sha256(json.dumps(sheet, sort_keys=True).encode()).hexdigest()[:16]


async def on_record(viewer: Viewer, request: Request) -> Sheet:
    return await record.sheet(viewer, request.client_id, request.section)


async def _of(viewer: Viewer, client_id: int, section: Section, more: str) -> list[Request]:
    """Of a client's own pages, or of a chart within reach."""
    reached = QueryString("TRUE") if viewer.acts_for(client_id, Area.INFORMATION) else _reach(viewer)
    where = f"client = {{}} AND section = {{}} AND {{}} AND {more}"
    return [Request.of(row) for row in await fetch(f"{SELECT} WHERE {where}", client_id, section.name, reached)]


def _reach(viewer: Viewer) -> Any:
    return viewer.reaches(ChangeRequest).querystring


def _as_asked(after: Sheet, settled: Sheet) -> Sheet:
    """New entries under the ids that they have got; one that staff left out keeps its own name, so it is missed."""
    ids = settled.get("ids", {})
    return {
        group: {str(ids.get(group, {}).get(one, one)): values for one, values in entries.items()}
        for group, entries in after.items()
    }
