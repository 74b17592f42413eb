"""Encounters with their services and what they cost, many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

from portal import clock
from portal.access import Viewer
from portal.billing.actions.ledger import Item
from portal.billing.tables import EntryKind, PostingKind, Share
from portal.database import fetch
from portal.encounters.drafts import POINTERS, DiagnosisDraft
from portal.encounters.rules import MOST_LINES
from portal.encounters.tables import Diagnosis, Encounter, ServiceLine
from portal.exchange import rows
from portal.exchange.actions import ledgers
from portal.exchange.actions.ledgers import Post
from portal.exchange.actions.occasions import Line, Occasion, Occasions
from portal.exchange.drafts import BillDraft, ServiceDraft
from portal.exchange.identifiers import Key
from portal.exchange.mapping.amounts import Wrong
from portal.exchange.upserts import Known
from portal.money import MOST

Fees = Mapping[str, Sequence[tuple[date, int]]]


@dataclass(frozen=True)
class Planned:
    """One service of a bill at its encounter; `same` is the line that charges it already."""

    done: ServiceDraft
    occasion: Occasion
    cents: int
    same: Line | None


def plan(draft: BillDraft, client: int, occasions: Occasions, fees: Fees) -> list[Planned]:
    """All of a bill, or `Wrong`. What two bills name is one service: one code, at one visit, for one price."""
    planned: list[Planned] = []
    for done in draft.services:
        occasion = occasions.find(draft, done, client)
        cents = done.price if done.price is not None else _by_fee(done, occasion, fees)
        taken = [one.same for one in planned]
        others = [
            line for line in occasion.lines
            if draft.bill not in line.bills and line not in taken and line.code == done.code
            and (done.code or line.words == done.words)
        ]  # fmt: skip
        same = next((line for line in others if line.cents == cents), None)
        if same is None and others:
            raise Wrong("is about a visit of which the same service is charged already, for another price")
        if same is None and occasion.is_by_hand:
            raise Wrong("is about a visit that was recorded here without this service")
        planned.append(Planned(done, occasion, cents, same))
    for occasion in {id(one.occasion): one.occasion for one in planned}.values():
        new = [one.done for one in planned if one.occasion is occasion and one.same is None]
        if len(occasion.lines) + len(new) > MOST_LINES:
            raise Wrong(f"has more than {MOST_LINES} services of one visit")
        if len({*occasion.diagnoses, *(found for done in new for found in done.diagnoses)}) > len(POINTERS):
            raise Wrong(f"has more than {len(POINTERS)} diagnoses of one visit")
    return planned


def _by_fee(done: ServiceDraft, occasion: Occasion, fees: Fees) -> int:
    fee = next((cents for since, cents in fees.get(done.code, ()) if since <= occasion.day), 0)
    if not 0 < fee * done.units <= MOST:
        raise Wrong("names no price, and the fee schedule has none for it")
    return fee * done.units


@dataclass
class Recording:
    """`words` are the practice's own, by code."""

    words: Mapping[str, tuple[str, str]]
    clients: set[int] = field(default_factory=set)
    _new: list[tuple[Planned, Line, list[int]]] = field(default_factory=list)
    _diagnosed: list[tuple[Occasion, int]] = field(default_factory=list)
    _meant: dict[Key, Line] = field(default_factory=dict)

    def take(self, bill: Key, planned: Sequence[Planned]) -> bool:
        """Whether it charges anything that nobody has charged yet."""
        for one in planned:
            line = one.same
            if line is None:
                line = Line(one.done.code, one.done.words, one.cents, set())
                one.occasion.lines.append(line)
                self._new.append((one, line, [self._place(one.occasion, found) for found in one.done.diagnoses]))
            line.bills.add(bill)
            self._meant[one.done.key] = line
        return any(one.same is None for one in planned)

    def _place(self, occasion: Occasion, found: DiagnosisDraft) -> int:
        if found not in occasion.diagnoses:
            occasion.diagnoses.append(found)
            self._diagnosed.append((occasion, len(occasion.diagnoses)))
        return occasion.diagnoses.index(found) + 1

    async def store(self, viewer: Viewer, known: Known) -> None:
        occasions = list({id(one.occasion): one.occasion for one, _, _ in self._new}.values())
        made = [one for one in occasions if one.encounter is None]
        grown = [one.encounter for one in occasions if one.encounter is not None]
        await fetch("UPDATE encounter SET version = version + 1 WHERE id = ANY({}::bigint[])", grown)
        encounters = await rows.insert(Encounter, [_encounter(viewer, one) for one in made])
        for one, row_id in zip(made, encounters, strict=True):
            one.encounter = row_id
        await rows.insert(Diagnosis, [
            {"encounter": one.encounter, "place": place, **asdict(one.diagnoses[place - 1])}
            for one, place in self._diagnosed
        ])  # fmt: skip
        ids = await rows.insert(ServiceLine, [self._line(one, line, pointers) for one, line, pointers in self._new])
        for (_, line, _), row_id in zip(self._new, ids, strict=True):
            line.id = row_id
        await ledgers.post(viewer, self._posts())
        await known.learn({key: line.id for key, line in self._meant.items() if line.id})
        self.clients |= {one.client for one in occasions}

    def _line(self, one: Planned, line: Line, pointers: list[int]) -> dict[str, object]:
        done = one.done
        words, words_es = self.words.get(done.code) or (done.words, done.words_es)
        units = done.units if one.cents % done.units == 0 else 1
        return {
            "encounter": one.occasion.encounter, "client": one.occasion.client, "code": done.code, "words": words,
            "words_es": words_es, "place": next(at for at, it in enumerate(one.occasion.lines, 1) if it is line),
            "modifiers": list(done.modifiers), "units": units, "fee": one.cents // units, "pointers": pointers,
        }  # fmt: skip

    def _posts(self) -> list[Post]:
        """What one encounter costs is one posting."""
        posts: dict[int, Post] = {}
        for one, line, _ in self._new:
            where = one.occasion
            post = posts.setdefault(id(where), Post(where.client, PostingKind.ENCOUNTER, where.day))
            share = Share.INSURANCE if where.insured.payer else Share.CLIENT
            post.items.append(Item(EntryKind.CHARGE, share, line.cents, line.id))
        return list(posts.values())


def _encounter(viewer: Viewer, one: Occasion) -> dict[str, object]:
    return {
        "client": one.client, "appointment": one.appointment, "clinician": one.clinician, "site": one.site,
        "place_of_service": one.place_of_service, "starts_at": one.starts_at, "time_zone": one.time_zone,
        "recorded_by": viewer.staff_id, "recorded_at": clock.now(), **asdict(one.insured),
    }  # fmt: skip
