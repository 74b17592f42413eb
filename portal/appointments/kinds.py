"""What the queue is told of appointments, and the reasons for which a request is declined most."""

from datetime import UTC, datetime
from urllib.parse import quote, unquote

from portal.appointments.tables import ContactType
from portal.language import gettext, lazy, written_moment
from portal.review.kinds import KINDS, Kind, declare, reading

MEETINGS: dict[str, object] = {
    ContactType.IN_PERSON: lazy("In person"),
    ContactType.PHONE: lazy("Phone call"),
    ContactType.TELEHEALTH: lazy("Telehealth"),
}
REASONS: dict[str, object] = {
    "taken": lazy("That time is not free any more. Please choose another."),
    "clinician": lazy("The clinician cannot be there at that time. Please choose another."),
    "type": lazy("This needs another type of appointment. Please choose again, or call us."),
    "call": lazy("Please call us about this appointment."),
}
CANCEL_REASONS: dict[str, object] = {
    "ill": lazy("The clinician is ill."),
    "away": lazy("The clinician cannot be there at that time."),
    "closed": lazy("The office is closed at that time."),
    "asked": lazy("You asked us to cancel it."),
}
# Not to be chosen: it stands where other times were offered.
OTHER = "other"
SENTENCES: dict[str, object] = {
    **REASONS,
    **CANCEL_REASONS,
    OTHER: lazy("That time is not free. Please choose one of these."),
}
WRITTEN = "%Y-%m-%dT%H:%MZ"
WITH = "with="


def about(
    starts_at: datetime, zone: str, contact_type: str, instead_of: datetime | None = None, clinician: str = ""
) -> str:
    """`2026-11-30T14:00Z America/New_York in_person`, so that each reader gets their own words; what it moves; and who
    sees the client, where that is not the clinician of their chart.
    """
    parts = [_written(starts_at), zone, contact_type, *([_written(instead_of)] if instead_of else [])]
    return " ".join([*parts, *([WITH + quote(clinician)] if clinician else [])])


def line(told: str) -> object:
    """`November 30, 2026, 9:00 AM · In person`, with whom, and what it is instead of."""
    starts_at, zone, contact_type, *more = told.split(" ")
    instead_of = [one for one in more if not one.startswith(WITH)]
    words = f"{_moment(starts_at, zone)} · {MEETINGS[contact_type]}"
    if len(more) > len(instead_of):
        whom = gettext("with %(clinician)s", clinician=unquote(more[-1].removeprefix(WITH)))
        words = f"{words} · {whom}"
    if not instead_of:
        return words
    return lazy("%(when)s, instead of %(before)s", when=words, before=_moment(instead_of[0], zone))


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(WRITTEN)


def _moment(written: str, zone: str) -> str:
    return written_moment(datetime.strptime(written, WRITTEN).replace(tzinfo=UTC), zone)


def reason(common_reason: str, words: str) -> str:
    """In the reader's language, as far as it is one of ours."""
    return " ".join(part for part in (str(SENTENCES.get(common_reason, "")), words) if part)


def address(appointment_id: int) -> str:
    return f"/staff/appointments/{appointment_id}"


ENDED = {
    "moved": lazy("Moved"),
    "offered": lazy("Other times offered"),
    "declined": lazy("Declined"),
    "booked": lazy("Approved"),
    "expired": lazy("Its time came unanswered"),
}
WHY = reading(SENTENCES)
REQUESTED = declare(
    Kind("appointment.requested", lazy("Appointment request"), line, is_on_desk=True, reason=WHY, outcomes=ENDED)
)
MOVE = declare(
    Kind("appointment.move_requested", lazy("Reschedule request"), line, is_on_desk=True, reason=WHY, outcomes=ENDED)
)
OVERDUE = declare(
    Kind(
        "appointment.overdue", lazy("Appointment request waits too long"), line,
        is_on_desk=True, reason=WHY, outcomes=ENDED,
    )
)  # fmt: skip
CANCELLED = declare(Kind("appointment.cancelled", lazy("Appointment cancelled by the client"), line, is_on_desk=True))
BOOKED = declare(Kind("appointment.booked", lazy("Appointment booked by the client"), line, is_on_desk=True))

ASKED = [REQUESTED.name, MOVE.name, OVERDUE.name]
# Whatever waits about an appointment stands at its one address.
EVERY = [one.name for one in KINDS.values() if one.line is line]
