"""What a practice chooses about booking."""

from datetime import datetime, timedelta

from portal import clock
from portal.access import Viewer
from portal.language import current, gettext, lazy
from portal.practice import switches
from portal.practice.switches import Choice, Switch

GROUP = lazy("Appointments")
YES, NO = "yes", "no"


def _hours(*many: int) -> tuple[Choice, ...]:
    return tuple((str(one), _length(one)) for one in many)


def _length(hours: int) -> object:
    if hours == 1:
        return lazy("1 hour")
    return lazy("%(num)s days", num=hours // 24) if hours > 24 and hours % 24 == 0 else lazy("%(num)s hours", num=hours)


CLIENTS_BOOK = switches.declare(
    Switch(
        "appointments.clients_book",
        lazy("Clients can book appointments from the client portal"),
        (
            (YES, lazy("Yes, by types and hours")),
            (NO, lazy("No, they call"), lazy("The portal shows the phone number instead.")),
        ),
        YES,
        group=GROUP,
    )
)
STEP = switches.declare(
    Switch(
        "appointments.step",
        lazy("Visits may begin every"),
        tuple((str(one), lazy("%(num)s minutes", num=one)) for one in (10, 15, 20, 30, 60)),
        "30",
        lazy("Counted from the beginning of the clinician's hours."),
        GROUP,
    )
)
NOTICE = switches.declare(
    Switch(
        "appointments.notice",
        lazy("Shortest notice before a visit"),
        _hours(1, 2, 4, 12, 24, 48, 72),
        "24",
        group=GROUP,
    )
)
HORIZON = switches.declare(
    Switch(
        "appointments.horizon",
        lazy("How far ahead clients can book"),
        tuple((str(one), lazy("%(num)s weeks", num=one)) for one in (2, 4, 6, 8, 12, 26)),
        "8",
        group=GROUP,
    )
)
MOST_OPEN = switches.declare(
    Switch(
        "appointments.most_open",
        lazy("Most requests of one client that wait at a time"),
        tuple((str(one), str(one)) for one in (1, 2, 3, 5)),
        "3",
        group=GROUP,
    )
)
HELD_FOR = switches.declare(
    Switch(
        "appointments.held_for",
        lazy("How long a request keeps its time from others"),
        _hours(24, 48, 72, 120),
        "48",
        lazy("Then staff are reminded, the client is told, and others may ask for that time."),
        GROUP,
    )
)
CONFIRM = switches.declare(
    Switch(
        "appointments.confirm",
        lazy("Clients are asked to confirm their appointments"),
        ((YES, lazy("Yes")), (NO, lazy("No"))),
        YES,
        group=GROUP,
    )
)
CANCEL_WINDOW = switches.declare(
    Switch(
        "appointments.cancel_window",
        lazy("A cancellation is late from"),
        (("0", lazy("Never")), *_hours(12, 24, 48, 72)),
        "24",
        lazy("Before the visit. Clients are told before they cancel, and can cancel all the same."),
        GROUP,
    )
)
MOVE_WINDOW = switches.declare(
    Switch(
        "appointments.move_window",
        lazy("Clients can ask for another time until"),
        (("0", lazy("The visit begins")), *_hours(2, 12, 24, 48, 72)),
        "2",
        lazy("Before the visit. Later they are asked to call."),
        GROUP,
    )
)
LATE_WORDS = switches.declare(
    Switch(
        "appointments.late_words",
        lazy("What clients are told when they cancel or reschedule late"),
        hint=lazy("Such as a fee. Leave it empty to say nothing more."),
        group=GROUP,
        most=300,
    )
)
LATE_WORDS_ES = switches.declare(
    Switch(
        "appointments.late_words_es",
        lazy("The same in Spanish"),
        hint=lazy("Empty is the English words."),
        group=GROUP,
        most=300,
    )
)


async def clients_book(viewer: Viewer) -> bool:
    return await switches.value(viewer, CLIENTS_BOOK.name) == YES


async def asks_to_confirm(viewer: Viewer) -> bool:
    return await switches.value(viewer, CONFIRM.name) == YES


async def number(viewer: Viewer, switch: Switch) -> int:
    return int(await switches.value(viewer, switch.name))


async def held_for(viewer: Viewer) -> timedelta:
    return timedelta(hours=await number(viewer, HELD_FOR))


async def is_late(viewer: Viewer, starts_at: datetime) -> bool:
    """Within the window in which a cancellation counts as late."""
    return starts_at - clock.now() < timedelta(hours=await number(viewer, CANCEL_WINDOW))


async def late_notice(viewer: Viewer, starts_at: datetime | None) -> str:
    """What a client is told who moves a visit within that window; else nothing."""
    if starts_at is None or not await is_late(viewer, starts_at):
        return ""
    sentence = gettext("Your appointment is close: the practice may count this as late.")
    return f"{sentence} {await late_words(viewer)}".strip()


async def may_still_move(viewer: Viewer, starts_at: datetime) -> bool:
    return starts_at - clock.now() >= timedelta(hours=await number(viewer, MOVE_WINDOW))


async def late_words(viewer: Viewer) -> str:
    """The practice's own, in the reader's language as far as it wrote them."""
    spoken = await switches.value(viewer, LATE_WORDS_ES.name) if current() == "es" else ""
    return spoken or await switches.value(viewer, LATE_WORDS.name)
