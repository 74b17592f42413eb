"""An estimate is given: from then on it stays as it is, and another one may replace it."""

from collections.abc import Sequence
from itertools import groupby

from portal import audit, clock, outbox
from portal.access import NotFoundException, Permission, Viewer
from portal.clients import queries as clients
from portal.clients import record
from portal.clients.tables import Client
from portal.database import fetch, refusing, transaction
from portal.estimates import kinds, rules
from portal.estimates.actions import minding
from portal.estimates.drafts import MOST_ITEMS, MOST_QUANTITY, MOST_VISITS, EstimateDraft
from portal.estimates.queries import choices as offered
from portal.estimates.queries import readers
from portal.estimates.queries.choices import Booked, Choices, Clinician, Offered, Office
from portal.estimates.tables import Estimate, EstimateItem, EstimateProvider, How
from portal.language import lazy
from portal.money import MOST
from portal.practice import queries as practices
from portal.practice.tables import Practice
from portal.refusal import Refused
from portal.review import actions as review

REPLACED = Refused({"": lazy("This estimate has been replaced already. Open the newest one.")})
Priced = tuple[Clinician, Office, Offered, int, int]
ONCE = "SELECT id FROM estimate WHERE client = {} AND key = {}"


async def give(viewer: Viewer, client_id: int, draft: EstimateDraft) -> int:
    """The same form sent twice gives it once. Raises `Refused` beside what lacks."""
    viewer.must(Permission.ESTIMATE_GIVE)
    chart = await clients.client(viewer, client_id)
    visit = await offered.visit(viewer, client_id, draft.appointment_id) if draft.appointment_id else None
    practice = await practices.practice(viewer)
    async with transaction():
        await record.lock(viewer, client_id)
        for one in await fetch(ONCE, client_id, draft.key):
            return int(one["id"])
        found = await offered.choices(viewer, draft.first_day)
        await _check(viewer, client_id, draft, practice)
        priced = _priced(draft, found)
        await _must_replace(viewer, client_id, draft.replaces)
        with refusing(estimate_replaced_once=REPLACED):
            row = await _store(viewer, chart, practice, visit, draft, priced)
        await _answer(viewer, client_id, row.id, draft.answers)
        await minding.mind(viewer, client_id, "given")
        await audit.record(viewer, "estimate.given", client_id=client_id, subject_id=row.id, how=draft.given_how)
        await outbox.record("estimate.given", row.id, client_id)
    return int(row.id)


async def _check(viewer: Viewer, client_id: int, draft: EstimateDraft, practice: Practice) -> None:
    wrong: dict[str, object] = {}
    if not practice.tax_id:
        wrong[""] = lazy("The practice's tax ID (EIN) is not known yet. An estimate must name it: add it in Settings.")
    if not draft.items:
        wrong["item1.service"] = lazy("Enter at least one service")
    if len(draft.items) > MOST_ITEMS:
        wrong[""] = lazy("That is more than %(most)s services. Give another estimate for the rest.", most=MOST_ITEMS)
    if not 1 <= draft.visits <= MOST_VISITS:
        wrong["visits"] = lazy("Enter a number of visits from 1 to %(most)s", most=MOST_VISITS)
    if draft.last_day < draft.first_day:
        wrong["last"] = lazy("The last day must not be before the first")
    elif draft.last_day > rules.latest_end(draft.first_day):
        wrong["last"] = lazy("An estimate covers twelve months at most. Give a new one after that.")
    if draft.given_how == How.PORTAL and not await readers.is_heard(viewer, client_id):
        wrong["given_how"] = lazy("Nobody uses the portal for this client's account: give it on paper")
    if wrong:
        raise Refused(wrong)


def _priced(draft: EstimateDraft, found: Choices) -> list[Priced]:
    """Grouped by who would do it and where, in the order of the form."""
    wrong: dict[str, object] = {}
    priced: list[Priced] = []
    for place, one in enumerate(draft.items, 1):
        service = next((each for each in found.services if each.id == one.service_id), None)
        clinician = next((each for each in found.clinicians if each.id == one.clinician_id), None)
        site = next((each for each in found.sites if each.id == one.site_id), None)
        charge = one.charge if one.charge is not None else service.fee if service else None
        if service is None:
            wrong[f"item{place}.service"] = lazy("Choose a service of the fee schedule")
        elif charge is None:
            wrong[f"item{place}.charge"] = lazy("The fee schedule has no fee for this yet: enter what it would cost")
        if clinician is None:
            wrong[f"item{place}.clinician"] = lazy("Choose a clinician")
        elif not clinician.npi:
            wrong[f"item{place}.clinician"] = lazy("Add the NPI of this clinician in Settings: an estimate names it")
        if site is None:
            wrong[f"item{place}.site"] = lazy("Choose where")
        elif not site.state:
            wrong[f"item{place}.site"] = lazy("Add the address of this office in Settings: an estimate names its state")
        if not 1 <= one.quantity <= MOST_QUANTITY:
            wrong[f"item{place}.quantity"] = lazy("Enter how many in all, from 1 to %(most)s", most=MOST_QUANTITY)
        if service and clinician and site and charge is not None:
            priced.append((clinician, site, service, one.quantity, charge))
    total = sum(quantity * charge for *_, quantity, charge in priced)
    if not wrong and not 0 < total <= MOST:
        wrong["item1.charge"] = lazy("All of it comes to nothing, or to too much. Check how many, and what one costs.")
    if wrong:
        raise Refused(wrong)
    order = [(clinician.id, site.id) for clinician, site, *_ in priced]
    return sorted(priced, key=lambda one: order.index((one[0].id, one[1].id)))


async def _must_replace(viewer: Viewer, client_id: int, estimate_id: int | None) -> None:
    if estimate_id is not None and not await Estimate.exists().where(
        viewer.reaches(Estimate), Estimate.id == estimate_id, Estimate.client == client_id
    ):
        raise NotFoundException


async def _store(
    viewer: Viewer, chart: Client, practice: Practice, visit: Booked | None, draft: EstimateDraft,
    priced: Sequence[Priced],
) -> Estimate:  # fmt: skip
    row = Estimate(
        client=chart.id, appointment=draft.appointment_id, replaces=draft.replaces, client_name=chart.name,
        birth_date=chart.birth_date, practice_name=practice.legal_name or practice.name,
        practice_address=_address(practice), practice_phone=practice.phone, words=draft.words,
        starts_at=visit.starts_at if visit else None, time_zone=visit.time_zone if visit else practice.time_zone,
        visits=draft.visits, every=draft.every, first_day=draft.first_day, last_day=draft.last_day,
        diagnoses=list(draft.diagnoses), separate=draft.separate,
        total=sum(quantity * charge for *_, quantity, charge in priced), given_how=draft.given_how,
        given_by=viewer.staff_id, given_at=clock.now(), key=draft.key,
    )  # fmt: skip
    await row.save()
    for place, (_, group) in enumerate(groupby(priced, key=lambda one: (one[0].id, one[1].id)), 1):
        await _store_provider(row, place, practice.tax_id, list(group))
    return row


async def _store_provider(row: Estimate, place: int, tax_id: str, items: Sequence[Priced]) -> None:
    clinician, site = items[0][0], items[0][1]
    provider = EstimateProvider(
        estimate=row.id, place=place, clinician=clinician.id, name=clinician.name, npi=clinician.npi, tax_id=tax_id,
        site=site.name, address=site.address, state=site.state, total=sum(many * each for *_, many, each in items),
    )  # fmt: skip
    await provider.save()
    await EstimateItem.insert(
        *(
            EstimateItem(
                provider=provider.id, place=at, code=service.code, words=service.words, words_es=service.words_es,
                quantity=quantity, charge=charge,
            )
            for at, (_, _, service, quantity, charge) in enumerate(items, 1)
        )
    )  # fmt: skip


async def _answer(viewer: Viewer, client_id: int, estimate_id: int, requests: Sequence[int]) -> None:
    """What was asked and is answered by it. Others' are left alone."""
    rows = await fetch(
        "UPDATE estimate_request SET is_open = false, answered_by = {}"
        " WHERE client = {} AND id = ANY({}::bigint[]) AND is_open RETURNING id",
        estimate_id,
        client_id,
        list(requests),
    )
    for one in rows:
        await review.settle_items(viewer, [kinds.ASKED.name], one["id"], "given")


def _address(practice: Practice) -> str:
    town = " ".join(part for part in (practice.state, practice.postal_code) if part)
    return ", ".join(part for part in (practice.street, practice.city, town) if part)
