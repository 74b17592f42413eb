"""Stretches of hours: what slots say of the days of a clinician, joined where they touch."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from portal.appointments.hours import Span
from portal.exchange.drafts import SlotDraft
from portal.exchange.mapping.days import days_of, joined, shown_span, without

A_DAY = 24 * 60 * 60


class Kind(NamedTuple):
    """What is joined with one another. Who is unavailable is so everywhere."""

    clinician: int
    site: int | None
    zone: str
    is_open: bool
    contact_types: tuple[str, ...]


class Stretch(NamedTuple):
    clinician: int
    site: int | None
    day: date
    begins: int
    ends: int
    is_open: bool
    contact_types: tuple[str, ...]


@dataclass
class Slots:
    """Those of one import with what they become; `spans` says where each stretch really lies."""

    placed: list[tuple[SlotDraft, Kind, Span]] = field(default_factory=list)
    spans: dict[Stretch, Span] = field(default_factory=dict)


def wish(found: Slots, kept: Mapping[Kind, Sequence[Span]]) -> None:
    """How the days should be."""
    said: dict[int, list[Span]] = defaultdict(list)
    wanted: dict[Kind, list[Span]] = defaultdict(list)
    for draft, kind, span in found.placed:
        said[kind.clinician].append(span)
        if draft.is_open or draft.is_closed:
            wanted[kind].append(span)
    for kind, spans in kept.items():
        wanted[kind] += without(spans, said[kind.clinician])
    for kind, spans in wanted.items():
        for span in joined(spans):
            for day, begins, ends in days_of(kind.zone, span, is_open=kind.is_open):
                one = Stretch(kind.clinician, kind.site, day, begins, ends, kind.is_open, kind.contact_types)
                found.spans[one] = shown_span(kind.zone, day, begins, ends)


class Around:
    """Which stretch a slot is a part of."""

    def __init__(self, found: Slots) -> None:
        self._spans = found.spans
        self._of_day: dict[tuple[int, int | None, bool, int], list[Stretch]] = defaultdict(list)
        for one, span in found.spans.items():
            for day in _days(span):
                self._of_day[one.clinician, one.site, one.is_open, day].append(one)

    def find(self, kind: Kind, span: Span) -> Stretch | None:
        for day in _days(span):
            for one in self._of_day[kind.clinician, kind.site, kind.is_open, day]:
                other = self._spans[one]
                if one.contact_types == kind.contact_types and other.begins < span.ends and span.begins < other.ends:
                    return one
        return None


def _days(span: Span) -> range:
    return range(span.begins // A_DAY, (span.ends - 1) // A_DAY + 1)


def stretch_of(row: Mapping[str, Any]) -> Stretch:
    return Stretch(
        row["clinician"], row["site"], row["first_day"], row["begins"], row["ends"], row["is_open"],
        tuple(row["contact_types"]),
    )  # fmt: skip


def columns_of(one: Stretch) -> dict[str, Any]:
    told = {**one._asdict(), "first_day": one.day, "last_day": one.day, "contact_types": list(one.contact_types)}
    del told["day"]
    return {**told, "note": ""}
