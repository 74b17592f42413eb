"""How the form of an estimate opens: for a visit, for nothing yet, or with what stands."""

import secrets
from collections.abc import Sequence
from datetime import date

from portal import money
from portal.estimates import rules
from portal.estimates.queries.choices import Booked, Choices
from portal.estimates.queries.given import Given
from portal.estimates.rules import Planned
from portal.estimates.tables import How
from portal.web.form import Form


def for_visit(
    visit: Booked, ahead: Sequence[Planned], found: Choices, diagnoses: Sequence[str], *, is_heard: bool
) -> Form:
    """`ahead` are the visits of its series that are still to come, or the visit alone."""
    first = ahead[0].day
    last = min(ahead[-1].day, rules.latest_end(first))
    many = sum(one.day <= last for one in ahead)
    told = {
        **_new(found, visit.clinician, visit.site, many, is_heard=is_heard),
        "appointment": ahead[0].id, "words": visit.type, "first": first, "last": last, "visits": many,
        "every": visit.every if many > 1 else "", "diagnoses": "\n".join(diagnoses),
    }  # fmt: skip
    return Form.of(**told)


def for_client(
    today: date, clinician: int | None, site: int | None, found: Choices, diagnoses: Sequence[str], *, is_heard: bool
) -> Form:
    """Nothing is booked yet."""
    told = {"first": today, "last": rules.latest_end(today), "visits": 1, "diagnoses": "\n".join(diagnoses)}
    return Form.of(**_new(found, clinician, site, 1, is_heard=is_heard), **told)


def for_replacing(given: Given, found: Choices) -> Form:
    """As it stands, to be changed. What the schedule or the practice has no more is left to be chosen."""
    told: dict[str, object] = {}
    items = [(provider, item) for provider in given.providers for item in provider.items]
    for place, (provider, item) in enumerate(items, 1):
        told |= {
            f"item{place}.service": next((one.id for one in found.services if one.code == item.code), ""),
            f"item{place}.clinician": provider.clinician,
            f"item{place}.site": next((one.id for one in found.sites if one.name == provider.site), ""),
            f"item{place}.quantity": item.quantity,
            f"item{place}.charge": money.plain(item.charge),
        }
    told |= {
        "key": secrets.token_hex(16), "rows": len(items), "appointment": given.appointment_id or "",
        "replaces": given.id, "words": given.words, "first": given.first_day, "last": given.last_day,
        "visits": given.visits, "every": given.every, "diagnoses": "\n".join(given.diagnoses),
        "separate": given.separate, "given_how": given.given_how,
    }  # fmt: skip
    return Form.of(**told)


def _new(found: Choices, clinician: int | None, site: int | None, many: int, *, is_heard: bool) -> dict[str, object]:
    """Where there is one choice, nobody has to make it."""
    return {
        "key": secrets.token_hex(16),
        "rows": 1,
        "given_how": How.PORTAL if is_heard else How.PAPER,
        "item1.service": found.services[0].id if len(found.services) == 1 else "",
        "item1.clinician": clinician or (found.clinicians[0].id if len(found.clinicians) == 1 else ""),
        "item1.site": site or (found.sites[0].id if len(found.sites) == 1 else ""),
        "item1.quantity": many,
    }
