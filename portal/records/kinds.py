"""What staff find in the queue while a request waits, with its last day."""

from portal.access import Permission
from portal.language import lazy
from portal.review import deadlines
from portal.review.kinds import Kind, declare

ENDED = {"ready": lazy("Given"), "denied": lazy("Not given"), "withdrawn": lazy("Taken back by the client")}
ASKED = declare(
    Kind(
        "records.asked",
        lazy("Request for records"),
        deadlines.line,
        outcomes=ENDED,
        needs=(Permission.DOCUMENT_SHARE,),
    )
)


def address(request_id: int) -> str:
    return f"/staff/record-requests/{request_id}"
