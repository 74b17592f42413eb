"""What a practice chooses about paying by card."""

from portal import settings as outside
from portal.access import Viewer
from portal.billing.settings import ACCOUNT, is_on
from portal.language import lazy
from portal.practice import switches
from portal.practice.switches import Switch

GROUP = lazy("Payments")
YES, NO = "yes", "no"
ON = ((YES, lazy("Yes")), (NO, lazy("No")))
LEAST = 50  # cents: Stripe takes no less

PAYING = switches.declare(
    Switch(
        "payments.paying",
        lazy("Clients can pay by card in the portal"),
        ON,
        NO,
        lazy("Needs an account with Stripe: the keys are set where the portal is run."),
        GROUP,
    )
)
CARDS = switches.declare(
    Switch(
        "payments.cards",
        lazy("Clients can keep credit and debit cards on file"),
        ON,
        YES,
        lazy("Stripe keeps the numbers. Staff see the brand, the last four digits and when it expires."),
        GROUP,
    )
)
CUSTOM = switches.declare(
    Switch("payments.custom", lazy("Clients can pay a part of what they owe"), ON, YES, group=GROUP)
)
AUTOPAY = switches.declare(
    Switch(
        "payments.autopay",
        lazy("Clients can let AutoPay charge their card when an invoice is due"),
        ON,
        NO,
        lazy("They agree to it themselves, choose the most that one charge may be, and are told before each."),
        GROUP,
    )
)
AUTOPAY_DAYS = switches.declare(
    Switch(
        "payments.autopay_days",
        lazy("AutoPay tells of a charge"),
        tuple((str(one), lazy("%(num)s days before", num=one)) for one in (2, 3, 5, 7, 10)),
        "3",
        group=GROUP,
    )
)


async def takes_cards(viewer: Viewer) -> bool:
    """Where Stripe's keys are set and the practice has switched it on."""
    return outside.settings().takes_cards and await switches.value(viewer, PAYING.name) == YES


async def keeps_cards(viewer: Viewer) -> bool:
    return await takes_cards(viewer) and await switches.value(viewer, CARDS.name) == YES


async def allows_parts(viewer: Viewer) -> bool:
    return await switches.value(viewer, CUSTOM.name) == YES


async def offers_autopay(viewer: Viewer) -> bool:
    """Not where clients do not see their accounts here: nobody could be told of a charge."""
    if not await keeps_cards(viewer) or not await is_on(viewer, ACCOUNT):
        return False
    return await switches.value(viewer, AUTOPAY.name) == YES


async def autopay_days(viewer: Viewer) -> int:
    return int(await switches.value(viewer, AUTOPAY_DAYS.name))
