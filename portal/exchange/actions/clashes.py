"""Which of the visits that come in would be where somebody is already."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from portal import clock
from portal.access import Viewer
from portal.appointments.tables import State
from portal.database import fetch
from portal.exchange.drafts import VisitDraft
from portal.exchange.upserts import Row

Pair = tuple[VisitDraft, Row | None]
Span = tuple[datetime, datetime]
CLASH = "is at the same time as another visit of its {}: left out"
# The database asks the same of clients and clinicians: `clinician_is_here_once` and `client_is_here_once`.
HELD = """
SELECT id, clinician, client, busy_from, busy_until, greatest(busy_from, starts_at) AS starts_at,
       least(busy_until, ends_at) AS ends_at, state
  FROM appointment
 WHERE holds AND (clinician = ANY({}::bigint[]) OR client = ANY({}::bigint[])) AND busy_until > {} AND busy_from < {}
"""


class Calendars:
    """Of each person, times that never overlap."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, int], list[Span]] = defaultdict(list)

    def take(self, row: Row) -> str:
        """Takes the time of a row, if it is free: for whom it is not, else empty."""
        spans = [("clinician", (row["busy_from"], row["busy_until"]))]
        if row["state"] != State.OFFERED:
            spans.append(("client", (row["starts_at"], row["ends_at"])))
        for who, span in spans:
            if _overlaps(self._of[who, row[who]], span):
                return who
        for who, span in spans:
            insort(self._of[who, row[who]], span)
        return ""


async def clashing(viewer: Viewer, pairs: Sequence[Pair]) -> dict[int, str]:
    """Place in the sequence → what is wrong. A request keeps no time instead: staff see what it clashes with."""
    asking = [(at, draft) for at, (draft, _) in enumerate(pairs) if draft.fields["holds"]]
    if not asking:
        return {}
    # Requests last: what is booked goes before what is asked for.
    asking.sort(key=lambda one: (pairs[one[0]][1] is None, one[1].fields["state"] == State.REQUESTED))
    held = await _held([draft for _, draft in asking])
    changing = {row["id"]: at for at, (_, row) in enumerate(pairs) if row is not None}
    refused: dict[int, str] = {}
    while True:
        calendars, before = Calendars(), len(refused)
        for row in held:
            if row["id"] not in changing or changing[row["id"]] in refused:
                calendars.take(row)
        for at, draft in asking:
            if at not in refused and (who := calendars.take(draft.fields)):
                if draft.fields["state"] == State.REQUESTED:
                    draft.fields["holds"] = False
                else:
                    refused[at] = CLASH.format(who)
        asking = [one for one in asking if one[1].fields["holds"]]
        # What stays where it was takes that time again.
        if not any(pairs[at][1] is not None for at in list(refused)[before:]):
            return refused


async def _held(drafts: Iterable[VisitDraft]) -> list[Row]:
    fields = [draft.fields for draft in drafts]
    await fetch("DELETE FROM appointment WHERE state = 'held' AND held_until <= {}", clock.now())
    return await fetch(
        HELD,
        sorted({one["clinician"] for one in fields}),
        sorted({one["client"] for one in fields}),
        min(one["busy_from"] for one in fields),
        max(one["busy_until"] for one in fields),
    )


def _overlaps(taken: Sequence[Span], span: Span) -> bool:
    at = bisect_left(taken, span)
    return (at < len(taken) and taken[at][0] < span[1]) or (at > 0 and taken[at - 1][1] > span[0])
