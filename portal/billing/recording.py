"""What stands around the form of an encounter, of a visit or of one that is there already."""

from datetime import date
from typing import Any

from portal.access import Viewer
from portal.appointments.visit import Visit
from portal.billing.settings import PART2, is_on
from portal.encounters import coding, filling, forms, rules
from portal.encounters.choices import Around
from portal.encounters.drafts import EncounterDraft, Insured
from portal.encounters.queries import around, recorded
from portal.encounters.queries.recorded import Recorded
from portal.fees import queries as fees
from portal.web.form import Form


async def opened(viewer: Viewer, visit: Visit) -> Form:
    """As the visit and the chart suggest."""
    insurers = await around.coverages(viewer, visit.client_id, _day(visit))
    return filling.of_visit(visit, insurers, is_part2=await is_on(viewer, PART2))


async def as_last(viewer: Viewer, visit: Visit, form: Form) -> Form:
    """With the codes of the last encounter of the same client and type, if there is one."""
    last = await recorded.last_like(viewer, visit.client_id, visit.type_id)
    if last is None:
        return form
    services = await fees.offered(viewer, forms.day_of(form) or _day(visit))
    return filling.as_last(form, await recorded.recorded(viewer, last), {one.code: one for one in services})


async def of_visit(viewer: Viewer, visit: Visit, form: Form) -> Around:
    day = forms.day_of(form) or _day(visit)
    insurers = await around.coverages(viewer, visit.client_id, day)
    return Around(
        client_id=visit.client_id,
        appointment_id=visit.id,
        starts_at=visit.starts_at,
        time_zone=visit.time_zone,
        people=await around.clinicians(viewer, visit.clinician_id),
        places=await around.sites(viewer, visit.site_id),
        insurers=insurers,
        services={one.code: one for one in await fees.offered(viewer, day)},
        diagnoses=await fees.worded(viewer, coding.codes(form).values()),
    )


async def of_recorded(viewer: Viewer, one: Recorded, form: Form) -> Around:
    """Its insurance and its codes may stay what they were, whatever has changed since."""
    day = forms.day_of(form) or one.day
    own: dict[str, Insured] = {filling.AS_RECORDED: one.insured} if one.insured.payer else {}
    present = await around.coverages(viewer, one.client_id, day)
    return Around(
        client_id=one.client_id,
        appointment_id=one.appointment_id,
        starts_at=one.starts_at,
        time_zone=one.time_zone,
        people=await around.clinicians(viewer, one.clinician_id),
        places=await around.sites(viewer, one.site_id),
        insurers=own | {name: insured for name, insured in present.items() if insured != one.insured},
        services={service.code: service for service in await fees.offered(viewer, day)},
        diagnoses=await diagnoses_of(viewer, one, form),
        kept={line.code: (line.words, line.words_es) for line in one.lines},
    )


async def diagnoses_of(viewer: Viewer, one: Recorded, form: Form) -> dict[str, str]:
    """The words of what was typed; a code that stands there already keeps those of the time of service."""
    known = await fees.worded(viewer, coding.codes(form).values())
    return known | {seen.code: seen.words for seen in one.diagnoses}


def names(one: Around, draft: EncounterDraft) -> dict[str, Any]:
    """The words for what was chosen, for the page on which it is looked over."""
    return {
        "clinician": next(person.name for person in one.people if person.id == draft.clinician_id),
        "site": next(place.name for place in one.places if place.id == draft.site_id),
        "place": rules.PLACES[draft.place_of_service],
    }


def _day(visit: Visit) -> date:
    return visit.starts_at.astimezone(rules.zone(visit.time_zone)).date()
