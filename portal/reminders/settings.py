"""What a practice chooses about reminders."""

from portal.access import Viewer
from portal.language import lazy
from portal.practice import switches
from portal.practice.switches import Choice, Switch
from portal.reminders.rules import Quiet

GROUP = lazy("Reminders")
OFF = "off"
HOURS = (2, 4, 12, 24, 48, 72, 168)


def _before(hours: int) -> Choice:
    if hours % 24 or hours == 24:
        return str(hours), lazy("%(num)s hours before", num=hours)
    return str(hours), lazy("%(num)s days before", num=hours // 24)


def _rule(name: str, label: object, hint: object = "") -> Switch:
    choices: tuple[Choice, ...] = ((OFF, lazy("Off")), *map(_before, HOURS))
    return switches.declare(Switch(f"reminders.{name}", label, choices, OFF, hint, GROUP))


RULES = {
    1: _rule(
        "first", lazy("Reminder 1"), lazy("Of an appointment that is booked, to everybody who acts for the client.")
    ),
    2: _rule("second", lazy("Reminder 2")),
}
QUIET_FROM = switches.declare(
    Switch(
        "reminders.quiet_from",
        lazy("Quiet hours begin at"),
        (
            (OFF, lazy("No quiet hours")),
            *((str(hour), lazy("%(hour)s:00 PM", hour=hour - 12)) for hour in range(18, 24)),
        ),
        "21",
        lazy("By the clock of the place. What would go out in quiet hours goes out before they begin."),
        GROUP,
    )
)
QUIET_UNTIL = switches.declare(
    Switch(
        "reminders.quiet_until",
        lazy("Quiet hours end at"),
        tuple((str(hour), lazy("%(hour)s:00 AM", hour=hour)) for hour in range(6, 11)),
        "8",
        group=GROUP,
    )
)


async def hours_before(viewer: Viewer) -> dict[int, int]:
    """By rule, the farthest from the visit first; those that are off are left out."""
    chosen = {rule: await switches.value(viewer, switch.name) for rule, switch in RULES.items()}
    found = {rule: int(value) for rule, value in chosen.items() if value != OFF}
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


async def quiet_hours(viewer: Viewer) -> Quiet | None:
    begins = await switches.value(viewer, QUIET_FROM.name)
    if begins == OFF:
        return None
    return Quiet(int(begins) * 60, int(await switches.value(viewer, QUIET_UNTIL.name)) * 60)
