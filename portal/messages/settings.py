"""What a practice chooses about messages."""

from datetime import time, timedelta

from portal.access import Viewer
from portal.appointments.hours import Weekly
from portal.language import current, lazy, written_clock
from portal.practice import switches
from portal.practice.switches import Choice, Switch

GROUP = lazy("Messages")
YES, NO = "yes", "no"
DAYS = {"mon_fri": range(5), "mon_sat": range(6), "every_day": range(7)}


class OnTheWall:
    """A time of day, written when it is shown."""

    def __init__(self, hour: int, minute: int) -> None:
        self.time = time(hour, minute)

    def __str__(self) -> str:
        return written_clock(self.time)


def _times(first: int, last: int) -> tuple[Choice, ...]:
    return tuple(
        (f"{hour:02}:{minute:02}", OnTheWall(hour, minute)) for hour in range(first, last) for minute in (0, 30)
    )


def _own_words(name: str, label: object) -> Switch:
    hint = lazy("The crisis lines always follow. Empty: the portal's own words.")
    return switches.declare(Switch(name, label, hint=hint, group=GROUP, most=500))


CLIENTS_WRITE = switches.declare(
    Switch(
        "messages.clients_write",
        lazy("Clients can begin a conversation in the client portal"),
        (
            (YES, lazy("Yes")),
            (NO, lazy("No, they call"), lazy("They still read and answer what the practice writes.")),
        ),
        YES,
        group=GROUP,
    )
)
TO_CLINICIANS = switches.declare(
    Switch(
        "messages.to_clinicians",
        lazy("Clients can write to a clinician they see"),
        ((YES, lazy("Yes"), lazy("Only that clinician reads it, and who stands in for them.")), (NO, lazy("No"))),
        YES,
        group=GROUP,
    )
)
OPENS = switches.declare(Switch("messages.opens", lazy("Messages are read from"), _times(6, 13), "08:30", group=GROUP))
CLOSES = switches.declare(
    Switch("messages.closes", lazy("Messages are read until"), _times(12, 22), "17:00", group=GROUP)
)
READ_ON = switches.declare(
    Switch(
        "messages.days",
        lazy("Messages are read on"),
        (
            ("mon_fri", lazy("Monday to Friday")),
            ("mon_sat", lazy("Monday to Saturday")),
            ("every_day", lazy("Every day")),
        ),
        "mon_fri",
        lazy("But not on the practice's holidays."),
        GROUP,
    )
)
ANSWERS_WHEN_CLOSED = switches.declare(
    Switch(
        "messages.automatic_answer",
        lazy("Answer by itself outside these hours"),
        ((YES, lazy("Yes, once for each time the office is closed")), (NO, lazy("No"))),
        YES,
        group=GROUP,
    )
)
WORDS = {
    "en": _own_words("messages.automatic_words", lazy("The answer outside these hours, in English")),
    "es": _own_words("messages.automatic_words_es", lazy("The answer outside these hours, in Spanish")),
}
UNANSWERED_AFTER = switches.declare(
    Switch(
        "messages.unanswered_after",
        lazy("A message without an answer goes to the review queue after"),
        tuple((str(one), lazy("%(num)s hours", num=one)) for one in (4, 8, 12, 24, 48, 72)),
        "24",
        lazy("Weekends and nights count."),
        GROUP,
    )
)


def _minute(written: str) -> int:
    hour, _, minute = written.partition(":")
    return int(hour) * 60 + int(minute)


async def clients_write(viewer: Viewer) -> bool:
    return await switches.value(viewer, CLIENTS_WRITE.name) == YES


async def writes_to_clinicians(viewer: Viewer) -> bool:
    return await switches.value(viewer, TO_CLINICIANS.name) == YES


async def answers_when_closed(viewer: Viewer) -> bool:
    return await switches.value(viewer, ANSWERS_WHEN_CLOSED.name) == YES


async def read_times(viewer: Viewer) -> tuple[Weekly, ...]:
    """When messages are read, by the practice's clock."""
    chosen = await switches.values(viewer)
    begins, ends = (_minute(chosen[one.name]) for one in (OPENS, CLOSES))
    return tuple(Weekly(day, begins, ends) for day in DAYS[chosen[READ_ON.name]])


async def unanswered_after(viewer: Viewer) -> timedelta:
    return timedelta(hours=int(await switches.value(viewer, UNANSWERED_AFTER.name)))


async def own_words(viewer: Viewer) -> str:
    """In the current language; Spanish without words of its own gets the portal's, never the English ones."""
    return await switches.value(viewer, WORDS[current()].name)
