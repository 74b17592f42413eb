"""What of invitations waits for staff. Whoever sends or revokes one settles all of it."""

from portal.language import lazy
from portal.review.kinds import Kind, declare

LOCKED = declare(Kind("invitation.locked", lazy("Invitation closed after five wrong tries")))
RENEWAL_ASKED = declare(Kind("invitation.renewal_asked", lazy("Asks for a new invitation")))
OF_INVITATIONS = [LOCKED.name, RENEWAL_ASKED.name, "letter.failed_invitation"]
