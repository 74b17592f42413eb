"""What a practice chooses about money and its papers."""

from portal.access import Viewer
from portal.language import current, lazy
from portal.practice import switches
from portal.practice.switches import Switch
from portal.settings import settings

GROUP = lazy("My Account")
YES, NO = "yes", "no"
ON = ((YES, lazy("Yes")), (NO, lazy("No")))

ACCOUNT = switches.declare(
    Switch(
        "billing.account",
        lazy("Clients see what they owe and what was paid"),
        ((YES, lazy("Yes")), (NO, lazy("No, they call"), lazy("The portal shows the phone number instead."))),
        YES,
        group=GROUP,
    )
)
INVOICES = switches.declare(Switch("billing.invoices", lazy("Clients can download invoices"), ON, YES, group=GROUP))
SUPERBILLS = switches.declare(
    Switch(
        "billing.superbills",
        lazy("Clients can download superbills"),
        ON,
        YES,
        lazy("For clients who pay themselves and ask their insurer to pay them back."),
        GROUP,
    )
)
DUE = switches.declare(
    Switch(
        "billing.due",
        lazy("Invoices are due"),
        (("0", lazy("At once")), *((str(one), lazy("After %(num)s days", num=one)) for one in (7, 14, 15, 30, 45, 60))),
        "30",
        group=GROUP,
    )
)
DIAGNOSES = switches.declare(
    Switch(
        "billing.diagnoses_on_invoices",
        lazy("Invoices name diagnoses"),
        ON,
        NO,
        lazy("Superbills always do: insurers ask for them."),
        GROUP,
    )
)
PART2 = switches.declare(
    Switch(
        "billing.part2",
        lazy("Records are protected by 42 CFR Part 2"),
        (
            (NO, lazy("No"), lazy("It can still be said of a single visit.")),
            (YES, lazy("Yes, all of them"), lazy("Each invoice and superbill carries the notice.")),
        ),
        NO,
        group=GROUP,
    )
)
HOW_TO_PAY = switches.declare(
    Switch(
        "billing.how_to_pay",
        lazy("How clients can pay, as invoices say it"),
        hint=lazy("Such as an address for checks. Leave it empty to say only the phone number."),
        group=GROUP,
        most=400,
    )
)
HOW_TO_PAY_ES = switches.declare(
    Switch(
        "billing.how_to_pay_es",
        lazy("The same in Spanish"),
        hint=lazy("Empty is the English words."),
        group=GROUP,
        most=400,
    )
)


async def is_on(viewer: Viewer, switch: Switch) -> bool:
    return await switches.value(viewer, switch.name) == YES


async def takes_cards(viewer: Viewer, *more: str) -> bool:
    """Whoever takes them lies above; its switches are asked for here by name, for pages that lead there."""
    names = [name for name in ("payments.paying", *more) if name in switches.SWITCHES]
    return bool(names) and settings().takes_cards and all([await switches.value(viewer, name) == YES for name in names])


async def keeps_cards(viewer: Viewer) -> bool:
    return await takes_cards(viewer, "payments.cards")


async def days_until_due(viewer: Viewer) -> int:
    return int(await switches.value(viewer, DUE.name))


async def how_to_pay(viewer: Viewer) -> str:
    """The practice's own words, in the reader's language as far as it wrote them."""
    spoken = await switches.value(viewer, HOW_TO_PAY_ES.name) if current() == "es" else ""
    return spoken or await switches.value(viewer, HOW_TO_PAY.name)
