"""What a client looks for, as it stands in an address or a form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from portal.appointments.kinds import MEETINGS
from portal.appointments.queries.offers import Around, Offer
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form

CHOOSE = lazy("Choose what the appointment is for")
HOW = lazy("Choose how you would like to meet")


@dataclass(frozen=True)
class Sought:
    """`clinician` and `site` are None for any; `week` is one of its days."""

    offer: Offer
    how: str
    clinician: int | None = None
    site: int | None = None
    week: date | None = None

    def within(self, around: Around) -> "Sought":
        """Whom and where the type is not offered counts as any."""
        people, places = ({one.id for one in some} for some in (around.clinicians, around.places))
        return Sought(
            self.offer, self.how,
            self.clinician if self.clinician in people else None, self.site if self.site in places else None, self.week,
        )  # fmt: skip

    def query(self, week: date | None = None) -> str:
        told = {"type": self.offer.id, "how": self.how, "clinician": self.clinician, "site": self.site, "week": week}
        return urlencode({name: value for name, value in told.items() if value is not None})


def sought(form: Form, offers: Sequence[Offer]) -> Sought:
    """Raises `Refused` at `type` or `how`. Where there is one choice, nobody has to make it."""
    offer = next((one for one in offers if str(one.id) == form["type"]), offers[0] if len(offers) == 1 else None)
    if offer is None:
        raise Refused(type=CHOOSE, **({} if form["how"] in MEETINGS else {"how": HOW}))
    how = form["how"] or (offer.contact_types[0] if len(offer.contact_types) == 1 else "")
    if how not in offer.contact_types:
        raise Refused(how=_not_so(offer) if how in MEETINGS else HOW)
    return Sought(offer, how, form.number("clinician"), form.number("site"), day_in(form["week"]))


def _not_so(offer: Offer) -> object:
    ways = ", ".join(str(MEETINGS[one]) for one in offer.contact_types)
    return lazy("This appointment is offered so: %(ways)s. Choose one of these.", ways=ways)


def day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
