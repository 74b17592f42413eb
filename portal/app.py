"""The app: the one list of controllers, guards and doors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Response, get
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.enums import HttpMethod, ScopeType

from portal import database
from portal.access import PUBLIC, guard, insist_every_route_declares
from portal.accounts import signed_out, visits
from portal.accounts.controllers import account, invitation, password_reset, registration, sign_in, staff
from portal.announcements import controllers as announcements
from portal.appointments.controllers import availability
from portal.appointments.controllers import booking as appointments_booking
from portal.appointments.controllers import client as appointments
from portal.appointments.controllers import history as appointments_history
from portal.appointments.controllers import moving as appointments_moving
from portal.appointments.controllers import offering as appointments_offering
from portal.appointments.controllers import staff as appointments_staff
from portal.appointments.controllers import types as appointment_types
from portal.autopay import controllers as autopay
from portal.balance.controllers import account as balance
from portal.balance.controllers import ledger as balance_ledger
from portal.balance.controllers import receipts as balance_receipts
from portal.billing.controllers import adjusting as billing_adjusting
from portal.billing.controllers import changing as billing_changing
from portal.billing.controllers import checking as billing_checking
from portal.billing.controllers import deciding as billing_deciding
from portal.billing.controllers import encounters as billing_encounters
from portal.billing.controllers import leaving as billing_leaving
from portal.billing.controllers import paying as billing_paying
from portal.billing.controllers import recording as billing_recording
from portal.billing.controllers import returning as billing_returning
from portal.billing.controllers import work as billing_work
from portal.calendars.controllers import client as calendars
from portal.calendars.controllers import public as calendars_public
from portal.chart import controllers as chart
from portal.chrome import CHROME
from portal.clients import controllers as clients
from portal.copies.controllers import CONTROLLERS as COPIES
from portal.demo import controllers as demo
from portal.documents.controllers import chart as documents_chart
from portal.documents.controllers import client as documents
from portal.documents.controllers import staff as documents_staff
from portal.estimates.controllers import client as estimates
from portal.estimates.controllers import staff as estimates_staff
from portal.fees.controllers import diagnoses as fee_diagnoses
from portal.fees.controllers import services as fee_services
from portal.filling.controllers import pages as form_pages
from portal.filling.controllers import review as form_review
from portal.home import controllers as home
from portal.information.controllers import chart as information_chart
from portal.information.controllers import client as information
from portal.information.controllers import history as information_history
from portal.information.controllers import staff as information_staff
from portal.invoices.controllers import account as invoices_account
from portal.invoices.controllers import client as invoice_papers
from portal.invoices.controllers import invoices, superbills
from portal.invoices.controllers import runs as invoices_runs
from portal.invoices.controllers import staff as staff_papers
from portal.library.controllers import forms as library_forms
from portal.library.controllers import versions as library_versions
from portal.messages.controllers import away as messages_away
from portal.messages.controllers import canned as message_replies
from portal.messages.controllers import client as messages
from portal.messages.controllers import conversation as messages_conversation
from portal.messages.controllers import files as message_files
from portal.messages.controllers import handling as message_handling
from portal.messages.controllers import printing as messages_printing
from portal.messages.controllers import staff as messages_staff
from portal.messages.controllers import starting as messages_starting
from portal.notifications import controllers as notifications
from portal.papers import controllers as papers
from portal.paylinks.controllers import public as pay_links
from portal.paylinks.controllers import staff as pay_links_staff
from portal.payments import gateway as stripe
from portal.payments.controllers import cards as payments_cards
from portal.payments.controllers import choosing as payments_choosing
from portal.payments.controllers import hooks as payments_hooks
from portal.payments.controllers import paying as payments_paying
from portal.payments.controllers import refunding as payments_refunding
from portal.payments.controllers import setups as payments_setups
from portal.payments.controllers import staff as payments_staff
from portal.payments.controllers import staff_attempts as payments_staff_attempts
from portal.practice.controllers import papers as practice_papers
from portal.practice.controllers import settings as practice_settings
from portal.records.controllers import client as record_requests
from portal.records.controllers import staff as record_requests_staff
from portal.reminders import controllers as reminders
from portal.review import controllers as review
from portal.schedule.controllers import booking as schedule_booking
from portal.schedule.controllers import calendar as schedule
from portal.schedule.controllers import moving as schedule_moving
from portal.schedule.controllers import visits as schedule_visits
from portal.settings import settings
from portal.signing.controllers import records, signature, submissions
from portal.telehealth import controllers as telehealth
from portal.waitlist.controllers import client as waitlist
from portal.waitlist.controllers import offers as waitlist_offers
from portal.waitlist.controllers import staff as waitlist_staff
from portal.web import assets, csrf, errors, headers
from portal.web.request import Request

MOST_BYTES = 1024 * 1024
COMPRESSED_ALREADY = (
    r"^/static/|/photos/\d+$|/excel$|/files/\d+(/thumbnail|/picture)?$|/papers/\d+/file$"
    r"|/account/.+/file$|^/staff/submissions/\d+/signature$|^/staff/.+/(file|picture|receipt|copy)$"
    r"|/documents/\d+/(file|picture|copy)$"
)

CONTROLLERS = [
    home.HomeController,
    home.DashboardController,
    home.HelpController,
    sign_in.SignInController,
    sign_in.SignOutController,
    sign_in.SessionController,
    sign_in.LanguageController,
    sign_in.KeptPostController,
    invitation.InvitationController,
    invitation.RenewalController,
    registration.RegistrationController,
    registration.RegistrationPasswordController,
    password_reset.ForgotPasswordController,
    password_reset.ResetController,
    password_reset.NewPasswordController,
    review.ReviewController,
    review.DecidedController,
    clients.ClientsController,
    clients.EmailsController,
    chart.ChartController,
    notifications.LettersController,
    notifications.NoticesController,
    practice_settings.SettingsController,
    practice_settings.SitesController,
    practice_papers.PapersSettingsController,
    practice_papers.CliniciansController,
    fee_services.FeesController,
    fee_diagnoses.DiagnosesController,
    fee_diagnoses.CodesController,
    *COPIES,
    library_forms.FormsController,
    library_versions.VersionsController,
    billing_work.BillingController,
    billing_leaving.NoChargeController,
    billing_leaving.OlderVisitsController,
    billing_recording.RecordingController,
    billing_encounters.EncounterController,
    billing_changing.CodesController,
    billing_changing.CorrectionController,
    information.InformationController,
    information_history.InformationHistoryController,
    information_staff.ChangeReviewController,
    information_chart.CardController,
    information_chart.ChartHistoryController,
    appointments.AppointmentsController,
    appointments_history.AppointmentHistoryController,
    appointments.CancellationController,
    appointments_booking.BookingController,
    appointments_booking.CheckController,
    appointments_moving.MoveController,
    appointments_staff.AppointmentReviewController,
    calendars.CalendarEntryController,
    calendars.CalendarFeedController,
    calendars_public.CalendarController,
    appointments_offering.OfferingController,
    waitlist.WaitListController,
    waitlist_offers.WaitOfferController,
    waitlist_staff.StaffWaitListController,
    availability.HoursController,
    availability.DifferentDaysController,
    availability.HolidaysController,
    appointment_types.TypesController,
    reminders.ConfirmController,
    reminders.TextsController,
    messages.MessagesController,
    messages_conversation.ConversationController,
    telehealth.JoinController,
    telehealth.RoomController,
    schedule.ScheduleController,
    schedule_booking.ScheduleBookingController,
    schedule_moving.MoveController,
    schedule_visits.VisitController,
    messages_staff.StaffMessagesController,
    messages_staff.StaffThreadController,
    messages_starting.StaffMessageController,
    message_handling.HandlingController,
    message_handling.NotesController,
    message_replies.CannedRepliesController,
    schedule_visits.DetailsController,
    message_files.FilesController,
    message_files.StaffFilesController,
    message_files.DraftFileController,
    documents.DocumentsController,
    form_review.FormController,
    form_pages.FormPagesController,
    form_pages.WholeFormController,
    documents_chart.ChartDocumentsController,
    documents_staff.StaffDocumentController,
    documents_staff.WithdrawalController,
    record_requests.RecordsController,
    record_requests_staff.ChartRecordsController,
    record_requests_staff.StaffRecordsController,
    signature.SignatureController,
    signature.DecliningController,
    submissions.SubmissionController,
    submissions.DocumentSubmissionController,
    submissions.DeclinedDocumentController,
    records.ElectronicRecordsController,
    announcements.AnnouncementsController,
    announcements.AnnouncementCheckController,
    messages_away.AwayController,
    messages_printing.MessagePrintController,
    messages_printing.StaffMessagePrintController,
    invoices_account.ChartAccountController,
    billing_paying.TakePaymentController,
    billing_paying.CreditController,
    billing_deciding.RemittanceController,
    billing_adjusting.AdjustmentController,
    billing_adjusting.PostingReversalController,
    billing_returning.PaymentController,
    billing_returning.RefundController,
    billing_returning.PaymentReversalController,
    billing_checking.LedgerCheckController,
    invoices.NewInvoiceController,
    invoices.InvoiceController,
    invoices_runs.RunsController,
    papers.PapersController,
    invoice_papers.InvoicePaperController,
    invoice_papers.ReceiptPaperController,
    superbills.SuperbillController,
    superbills.SuperbillsController,
    staff_papers.StaffPapersController,
    balance.MyAccountController,
    balance_ledger.AccountLedgerController,
    balance_receipts.ReceiptsController,
    payments_choosing.PayNowController,
    payments_choosing.AmountController,
    payments_choosing.CardController,
    payments_paying.ReviewController,
    payments_paying.PaymentController,
    payments_cards.CardsController,
    payments_cards.CardController,
    payments_setups.CardSetupController,
    payments_staff.ChartCardsController,
    payments_staff.CardChargeController,
    payments_staff_attempts.CardAttemptController,
    autopay.AutoPayController,
    autopay.ChartAutoPayController,
    estimates.EstimatesController,
    estimates_staff.ChartEstimatesController,
    pay_links_staff.InvoiceLinkController,
    pay_links.PayCodeController,
    pay_links.PayLinkController,
    pay_links.PayReturnController,
    estimates_staff.EstimateController,
    payments_hooks.StripeHookController,
    payments_refunding.CardRefundController,
    payments_refunding.CardTroublesController,
    account.AccountController,
    staff.PortalAccessController,
    staff.ResendController,
]


class Portal(Litestar):
    """HEAD is GET, and the server leaves the body out: who looks whether a link still works hears the truth."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] == HttpMethod.HEAD:
            scope = {**scope, "method": HttpMethod.GET}
        await super().__call__(scope, receive, send)


def create_app() -> Litestar:
    app = Portal(
        route_handlers=[
            *CONTROLLERS,
            *([demo.MailboxController] if settings().shows_mailbox else []),
            assets.static_file,
            health,
        ],
        request_class=Request,
        middleware=[visits.Visits()],
        guards=[guard, csrf.guard],
        exception_handlers=errors.handlers(signed_out.answer),
        before_send=[headers.before_send, visits.before_send],
        compression_config=CompressionConfig(
            backend="gzip", gzip_compress_level=1, minimum_size=1000, exclude=COMPRESSED_ALREADY
        ),
        request_max_body_size=MOST_BYTES,
        openapi_config=None,
        lifespan=[lifespan],
        state=State({"chrome": CHROME}),
        debug=False,
    )
    insist_every_route_declares(app)
    return app


@get("/health", name="health", opt={**PUBLIC, "stateless": True})
async def health() -> Response[str]:
    await database.fetch("SELECT 1")
    return Response("ok", media_type="text/plain")


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    async with database.pool():
        yield
    await stripe.close()
