"""What the queue is told of appointments, and the reasons for which a request is declined most."""

from datetime import UTC, datetime

from portal.appointments.tables import ContactType
from portal.language import lazy, written_moment
from portal.review.kinds import Kind, declare, reading

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
WRITTEN = "%Y-%m-%dT%H:%MZ"


def about(starts_at: datetime, zone: str, contact_type: str) -> str:
    """`2026-11-30T14:00Z America/New_York in_person`, so that each reader gets their own words."""
    return f"{starts_at.astimezone(UTC).strftime(WRITTEN)} {zone} {contact_type}"


def line(told: str) -> object:
    """`November 30, 2026, 9:00 AM, in person`."""
    starts_at, zone, contact_type = told.split(" ")
    moment = datetime.strptime(starts_at, WRITTEN).replace(tzinfo=UTC)
    return f"{written_moment(moment, zone)} · {MEETINGS[contact_type]}"


def reason(common_reason: str, words: str) -> str:
    """In the reader's language, as far as it is one of ours."""
    return " ".join(part for part in (str({**REASONS, **CANCEL_REASONS}.get(common_reason, "")), words) if part)


def address(appointment_id: int) -> str:
    return f"/staff/appointments/{appointment_id}"


ENDED = {"declined": lazy("Declined"), "booked": lazy("Approved"), "expired": lazy("Its time came unanswered")}
WHY = reading({**REASONS, **CANCEL_REASONS})
REQUESTED = declare(
    Kind("appointment.requested", lazy("Appointment request"), line, is_on_desk=True, reason=WHY, outcomes=ENDED)
)
OVERDUE = declare(
    Kind(
        "appointment.overdue", lazy("Appointment request waits too long"), line,
        is_on_desk=True, reason=WHY, outcomes=ENDED,
    )
)  # fmt: skip
CANCELLED = declare(Kind("appointment.cancelled", lazy("Appointment cancelled by the client"), line, is_on_desk=True))
BOOKED = declare(Kind("appointment.booked", lazy("Appointment booked by the client"), line, is_on_desk=True))
