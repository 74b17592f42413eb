"""What happens by the clock: forgetting what need not be kept, and the letters of the morning."""

import json
import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from portal import outbox
from portal.access import Viewer
from portal.accounts import sessions, throttle
from portal.accounts.actions import kept_post
from portal.appointments.actions import acceptance, holding
from portal.appointments.actions import lapse as appointments
from portal.autopay.actions import telling as autopay
from portal.billing.actions import alarming
from portal.clients import images
from portal.documents.actions import sharing as documents
from portal.estimates.actions import minding as estimates
from portal.messages.actions import loose, unanswered
from portal.notifications import actions as notifications
from portal.papers import actions as papers
from portal.payments.actions import nightly as payments
from portal.payments.actions import sweeping
from portal.reminders.actions import reminding
from portal.waitlist.actions import offers
from tasks import leftovers

DAILY, HOURLY, OFTEN, MINUTELY = 86_400.0, 3600.0, 300.0, 60.0
log = logging.getLogger(__name__)
_due: dict[str, float] = {}


async def by_the_clock() -> None:
    """Asked each minute; several workers do no harm. What fails holds up nothing else: it is logged by its name, and
    tried again after five minutes.
    """
    for name, (every, work) in WORK.items():
        if monotonic() < _due.get(name, 0):
            continue
        try:
            await work()
        except Exception as error:
            log.error(json.dumps({"event": f"{name} failed"}), exc_info=error)
            every = min(every, OFTEN)
        _due[name] = monotonic() + every


async def forget() -> None:
    await throttle.prune()
    await kept_post.prune()
    await sessions.prune()
    await images.prune()
    await loose.forget_files(Viewer.portal("schedule"))
    await papers.prune()
    await holding.forget_holds(Viewer.portal("schedule"))
    await outbox.prune()


async def clear_store() -> None:
    await leftovers.sweep()


async def check_ledger() -> None:
    """A difference is an item for staff; nothing is mended."""
    await alarming.check(Viewer.portal("nightly check"))


async def end_documents() -> None:
    await documents.expire(Viewer.portal("schedule"))


async def write_digests() -> None:
    await notifications.write_digests(Viewer.portal("schedule"))


async def lapse() -> None:
    await appointments.lapse(Viewer.portal("schedule"))
    await acceptance.lapse_offers(Viewer.portal("schedule"))


async def offer_next() -> None:
    await offers.offer_next(Viewer.portal("wait list"))


async def remind() -> None:
    await reminding.remind(Viewer.portal("schedule"))


async def find_unanswered() -> None:
    await unanswered.open_due(Viewer.portal("schedule"))


async def mind_estimates() -> None:
    await estimates.mind_all(Viewer.portal("estimates"))


async def pay_by_itself() -> None:
    """AutoPay: letters days before, and then the charges, which the worker takes one by one."""
    viewer = Viewer.portal("autopay")
    await autopay.tell_of_due(viewer)
    await autopay.send_due(viewer)


async def sweep_cards() -> None:
    await sweeping.sweep(Viewer.portal("card payment"))


async def reconcile_cards() -> None:
    """A difference is an item for staff; nothing is mended."""
    await payments.reconcile(Viewer.portal("nightly check"))


WORK: dict[str, tuple[float, Callable[[], Awaitable[None]]]] = {
    "forget": (HOURLY, forget),
    "clear_store": (DAILY, clear_store),
    "check_ledger": (DAILY, check_ledger),
    "write_digests": (OFTEN, write_digests),
    "lapse": (MINUTELY, lapse),
    "offer_next": (MINUTELY, offer_next),
    "remind": (MINUTELY, remind),
    "find_unanswered": (MINUTELY, find_unanswered),
    "end_documents": (HOURLY, end_documents),
    "mind_estimates": (HOURLY, mind_estimates),
    "pay_by_itself": (HOURLY, pay_by_itself),
    "sweep_cards": (MINUTELY, sweep_cards),
    "reconcile_cards": (HOURLY, reconcile_cards),
}
