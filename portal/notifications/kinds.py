"""What of letters and background work waits for staff."""

from portal.language import lazy
from portal.review.kinds import Kind, declare

FAILED_INVITATION = declare(Kind("letter.failed_invitation", lazy("Invitation could not be delivered")))
FAILED_LETTER = declare(Kind("letter.failed", lazy("A letter could not be delivered")))
DEAD_ERRAND = declare(Kind("errand.dead", lazy("Background work was given up")))
