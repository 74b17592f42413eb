"""What is agreed to who turns AutoPay on, and what became of each invoice."""

from portal.access import Viewer
from portal.autopay.tables import DueState
from portal.language import ngettext, speaking
from portal.payments import settings
from portal.practice import queries as practices

HELD = (DueState.ABOVE, DueState.NO_CARD)


async def consent(viewer: Viewer, spoken: str) -> str:
    """As it was shown in that language. How much one charge may be stands beside it, in the field."""
    practice, days = (await practices.practice(viewer)).name, await settings.autopay_days(viewer)
    with speaking(spoken):
        return ngettext(
            "%(practice)s may charge your default card for what is still open of each invoice: on the day it is due,"
            " and not before %(num)s day has passed since you were written to. No charge is more than the amount that"
            " you enter here. You can turn AutoPay off here at any time.",
            "%(practice)s may charge your default card for what is still open of each invoice: on the day it is due,"
            " and not before %(num)s days have passed since you were written to. No charge is more than the amount"
            " that you enter here. You can turn AutoPay off here at any time.",
            days,
            practice=practice,
        )
