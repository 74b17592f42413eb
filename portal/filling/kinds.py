"""What staff find in the queue when a form has come."""

from portal.access import Permission
from portal.language import lazy
from portal.review.kinds import Kind, as_written, declare

SENT = declare(
    Kind("document.sent", lazy("Form or document from a client"), as_written, needs=(Permission.DOCUMENT_SHARE,))
)
