"""Event kind → the actions that follow: the one table of "and then". A kind that nothing follows is named too."""

from collections.abc import Awaitable, Callable

from portal.access import Viewer
from portal.autopay.actions import agreeing as autopay
from portal.database import transaction
from portal.estimates.actions import minding as estimates
from portal.invoices import changes
from portal.letters import actions as letters
from portal.letters.tables import Delivery, DeliveryState
from portal.messages.actions import telling
from portal.notifications import actions as notifications
from portal.notifications import documents, kinds, messages
from portal.notifications import estimates as told
from portal.notifications import money as of_money
from portal.outbox import Event, Leased
from portal.papers import actions as papers
from portal.papers import issued
from portal.reminders.actions import texts
from portal.reminders.tables import TextState
from portal.review import actions as review
from portal.waitlist.actions import offers

Consequence = Callable[[Event], Awaitable[None]]

FOLLOWS: dict[str, tuple[Consequence, ...]] = {
    "invitation.sent": (notifications.invite,),
    "portal_access.revoked": (),
    "portal_access.gained": (notifications.tell_access_added,),
    "account.registered": (notifications.welcome,),
    "password_reset.asked": (notifications.send_reset,),
    "password.changed": (notifications.tell_password_changed,),
    "information.sent": (),
    "information.withdrawn": (),
    "information.applied": (estimates.look_again,),
    "information.answered": (notifications.tell_information_answered, estimates.look_again),
    "appointment.requested": (),
    "appointment.booked": (estimates.look_again,),
    "appointment.withdrawn": (offers.look_again,),
    "appointment.confirmed": (),
    "appointment.cancelled": (offers.look_again, estimates.look_again),
    "appointment.placed": (notifications.tell_appointment_changed, estimates.look_again),
    "appointment.moved": (notifications.tell_appointment_changed, offers.look_again, estimates.look_again),
    "appointment.called_off": (notifications.tell_appointment_changed, offers.look_again, estimates.look_again),
    "appointment.late_cancelled": (notifications.tell_appointment_changed, offers.look_again, estimates.look_again),
    "appointment.restored": (notifications.tell_appointment_changed, estimates.look_again),
    "appointment.noted": (),
    "appointment.marked": (offers.look_again, estimates.look_again),
    "appointment.rescheduled": (offers.look_again, estimates.look_again),
    "appointment.answered": (notifications.tell_appointment_answered, offers.look_again, estimates.look_again),
    "appointment.offer_lapsed": (offers.look_again,),
    "appointment.lapsed": (notifications.tell_appointment_lapsed, offers.look_again),
    "thread.assigned": (),
    "thread.given_back": (),
    "thread.closed": (),
    "thread.reopened": (),
    "thread.noted": (),
    "announcement.sent": (),
    "message.sent": (telling.tell_later, messages.tell_staff_of_message),
    "message.waits": (messages.tell_message_waits,),
    "message.digest": (),
    "paper.asked": (),
    "wait.joined": (),
    "wait.offered": (notifications.tell_time_offered,),
    "wait.ended": (),
    "reminder.due": (notifications.tell_appointment_coming, texts.tell_by_text),
    "texts.agreed": (),
    "texts.ended": (),
    "telehealth.accepted": (),
    "encounter.recorded": (changes.draw_superbill,),
    "encounter.recoded": (changes.draw_superbill, changes.draw_invoices_of_encounter),
    "encounter.voided": (changes.draw_superbill,),
    "ledger.posted": (changes.draw_what_was_posted,),
    "payment.taken": (changes.draw_receipts, of_money.tell_receipt_waits),
    "payment.refunded": (changes.draw_receipts,),
    "payment.reversed": (changes.draw_receipts,),
    "pay_link.made": (of_money.send_pay_link,),
    "card.kept": (),
    "card.removed": (autopay.look_again,),
    "card_charge.failed": (of_money.tell_charge_failed,),
    "autopay.agreed": (),
    "autopay.ended": (),
    "autopay.turned_off": (of_money.tell_autopay_is_off,),
    "autopay.coming": (of_money.tell_charge_coming,),
    "autopay.held": (of_money.tell_charge_held,),
    "remittance.posted": (),
    "invoice.issued": (changes.draw_invoice, of_money.tell_invoice_waits),
    "invoice.voided": (changes.draw_invoice,),
    "estimate.asked": (),
    "estimate.given": (told.tell_estimate_given,),
    "document.shared": (documents.tell_document_shared,),
    "document.opened": (),
    "document.started": (),
    "document.sent": (),
    "document.completed": (),
    "document.returned": (documents.tell_document_returned,),
    "document.accepted": (documents.tell_document_accepted,),
    "document.declined": (),
    "electronic_records.agreed": (),
    "electronic_records.ended": (),
    "document.withdrawn": (),
    "document.expired": (),
    "records.asked": (),
    "records.withdrawn": (),
    "records.put_off": (documents.tell_records_answered,),
    "records.answered": (documents.tell_records_answered,),
    "review.opened": (notifications.tell_staff,),
    "review.digest": (),
}


async def follow(event: Event) -> None:
    """Runs in one transaction with the settling of its errand; every consequence is safe to repeat."""
    for consequence in FOLLOWS[event.kind]:
        await consequence(event)


async def alarm_about_letter(delivery: Delivery) -> None:
    """A letter that cannot be delivered is an item for staff; the address itself stays in the chart."""
    viewer = Viewer.portal("outbox")
    if delivery.kind == "invitation" and delivery.client_id:
        url = f"/staff/clients/{delivery.client_id}"
        await review.open_item(viewer, kinds.FAILED_INVITATION.name, delivery.client_id, url, delivery.client_id)
    else:
        await review.open_item(viewer, kinds.FAILED_LETTER.name, delivery.id, "/staff/letters", delivery.client_id)


async def alarm_about_errand(errand: Leased, why: str = "given up after many tries") -> None:
    """Background work that was tried to the end and given up."""
    if errand.actor == "deliver":
        async with transaction():
            delivery = await Delivery.objects().get(Delivery.id == errand.subject_id)
            assert delivery is not None
            await letters.settle(Viewer.portal("outbox"), delivery, DeliveryState.FAILED, why)
            await alarm_about_letter(delivery)
    else:
        if errand.actor == "text":
            await texts.settle(Viewer.portal("outbox"), errand.subject_id, TextState.FAILED, why)
        if errand.actor == "render":
            await papers.fail(Viewer.portal("outbox"), errand.subject_id)
        if errand.actor == issued.ACTOR:
            await issued.fail(Viewer.portal("outbox"), errand.subject_id)
        await review.open_item(Viewer.portal("outbox"), kinds.DEAD_ERRAND.name, errand.id, "/staff/letters")
