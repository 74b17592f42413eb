"""What staff find in the queue when a client will not sign or fill in."""

from portal.access import Permission
from portal.documents import rules
from portal.language import lazy
from portal.review.kinds import Kind, as_written, declare, reading

DECLINED = declare(
    Kind(
        "document.declined", lazy("Document declined by the client"), as_written, is_on_desk=True,
        reason=reading(rules.DECLINED), needs=(Permission.DOCUMENT_SHARE,),
    )
)  # fmt: skip
