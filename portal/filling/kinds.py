"""What staff find in the queue when a form has come."""

from portal.access import Permission
from portal.documents import rules
from portal.language import lazy
from portal.review.kinds import Kind, as_written, declare, reading

SENT = declare(
    Kind(
        "document.sent", lazy("Form or document from a client"), as_written, is_on_desk=True,
        reason=reading(rules.RETURNED), outcomes={"accepted": lazy("Accepted")}, needs=(Permission.DOCUMENT_SHARE,),
    )
)  # fmt: skip
