"""Which role may do what: one table."""

from enum import StrEnum

from portal.language import lazy


class Area(StrEnum):
    """What a grant opens. Each row that belongs to a client lies in one of them."""

    INFORMATION = "information"
    APPOINTMENTS = "appointments"
    MESSAGES = "messages"
    BILLING = "billing"
    DOCUMENTS = "documents"
    ACTIVITIES = "activities"


class Role(StrEnum):
    FRONT_DESK = "front_desk"
    CLINICIAN = "clinician"
    BILLER = "biller"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    PRIVACY_OFFICER = "privacy_officer"
    AUDITOR = "auditor"


ROLE_NAMES = {
    Role.FRONT_DESK: lazy("front desk"),
    Role.CLINICIAN: lazy("clinician"),
    Role.BILLER: lazy("biller"),
    Role.SUPERVISOR: lazy("supervisor"),
    Role.ADMINISTRATOR: lazy("administrator"),
    Role.PRIVACY_OFFICER: lazy("privacy officer"),
    Role.AUDITOR: lazy("auditor"),
}


class Permission(StrEnum):
    CLIENT_READ = "client:read"
    CLIENT_READ_ALL = "client:read_all"
    CLIENT_ADD = "client:add"
    CLIENT_EDIT = "client:edit"
    PORTAL_ACCESS_MANAGE = "portal_access:manage"
    REVIEW_READ = "review:read"
    REVIEW_SETTLE = "review:settle"
    HOURS_MANAGE = "hours:manage"
    HOURS_MANAGE_ALL = "hours:manage_all"
    SCHEDULE_KEEP = "schedule:keep"
    SCHEDULE_KEEP_ALL = "schedule:keep_all"
    MESSAGE_READ = "message:read"
    MESSAGE_APPOINTMENTS = "message:appointments"
    MESSAGE_BILLING = "message:billing"
    MESSAGE_CARE = "message:care"
    MESSAGE_OTHER = "message:other"
    MESSAGE_SUPERVISE = "message:supervise"
    MESSAGE_ANNOUNCE = "message:announce"
    MESSAGE_CONFIGURE = "message:configure"
    LEDGER_READ = "ledger:read"
    LEDGER_ADJUST = "ledger:adjust"
    ENCOUNTER_RECORD = "encounter:record"
    PAYMENT_TAKE = "payment:take"
    PAYMENT_REVERSE = "payment:reverse"
    CARD_CHARGE = "card:charge"
    INVOICE_ISSUE = "invoice:issue"
    INVOICE_VOID = "invoice:void"
    ESTIMATE_GIVE = "estimate:give"
    FEE_MANAGE = "fee:manage"
    DOCUMENT_SHARE = "document:share"
    FORM_MANAGE = "form:manage"
    AUDIT_READ = "audit:read"
    STAFF_MANAGE = "staff:manage"
    PRACTICE_CONFIGURE = "practice:configure"


P = Permission
DESK = frozenset(
    {
        P.CLIENT_READ,
        P.CLIENT_READ_ALL,
        P.CLIENT_ADD,
        P.CLIENT_EDIT,
        P.PORTAL_ACCESS_MANAGE,
        P.REVIEW_READ,
        P.REVIEW_SETTLE,
        P.HOURS_MANAGE,
        P.HOURS_MANAGE_ALL,
        P.SCHEDULE_KEEP,
        P.SCHEDULE_KEEP_ALL,
        P.MESSAGE_READ,
        P.MESSAGE_APPOINTMENTS,
        P.MESSAGE_BILLING,
        P.MESSAGE_OTHER,
        P.LEDGER_READ,
        P.PAYMENT_TAKE,
        P.ESTIMATE_GIVE,
        P.DOCUMENT_SHARE,
    }
)
LEAD = frozenset({P.FORM_MANAGE, P.MESSAGE_SUPERVISE, P.MESSAGE_ANNOUNCE, P.MESSAGE_CONFIGURE})
BOOKS = frozenset(
    {
        P.LEDGER_READ,
        P.LEDGER_ADJUST,
        P.ENCOUNTER_RECORD,
        P.PAYMENT_TAKE,
        P.PAYMENT_REVERSE,
        P.INVOICE_ISSUE,
        P.INVOICE_VOID,
        P.ESTIMATE_GIVE,
        P.FEE_MANAGE,
    }
)

HOLDS: dict[Role, frozenset[Permission]] = {
    Role.FRONT_DESK: DESK,
    Role.CLINICIAN: frozenset(
        {
            P.CLIENT_READ,
            P.CLIENT_EDIT,
            P.PORTAL_ACCESS_MANAGE,
            P.REVIEW_READ,
            P.REVIEW_SETTLE,
            P.HOURS_MANAGE,
            P.SCHEDULE_KEEP,
            P.MESSAGE_READ,
            P.MESSAGE_CARE,
            P.LEDGER_READ,
            P.ENCOUNTER_RECORD,
            P.ESTIMATE_GIVE,
            P.DOCUMENT_SHARE,
        }
    ),
    Role.BILLER: BOOKS
    | {P.CARD_CHARGE, P.CLIENT_READ, P.CLIENT_READ_ALL, P.REVIEW_READ, P.MESSAGE_READ, P.MESSAGE_BILLING},
    Role.SUPERVISOR: DESK | LEAD | BOOKS | {P.MESSAGE_CARE},
    Role.ADMINISTRATOR: DESK | LEAD | BOOKS | {P.CARD_CHARGE, P.STAFF_MANAGE, P.AUDIT_READ, P.PRACTICE_CONFIGURE},
    Role.PRIVACY_OFFICER: frozenset({P.CLIENT_READ, P.CLIENT_READ_ALL, P.AUDIT_READ}),
    Role.AUDITOR: frozenset({P.AUDIT_READ}),
}
