"""What one writes about, and who reads it."""

from portal.access import Permission, Viewer
from portal.language import lazy
from portal.messages.tables import Topic

# A personal thread is its clinician's, and needs no permission.
READERS: dict[Topic, Permission] = {
    Topic.APPOINTMENTS: Permission.MESSAGE_APPOINTMENTS,
    Topic.BILLING: Permission.MESSAGE_BILLING,
    Topic.CARE: Permission.MESSAGE_CARE,
    Topic.OTHER: Permission.MESSAGE_OTHER,
}
TITLES: dict[Topic, object] = {
    Topic.APPOINTMENTS: lazy("Appointments"),
    Topic.BILLING: lazy("Billing"),
    Topic.CARE: lazy("Care"),
    Topic.OTHER: lazy("Something else"),
    Topic.PERSONAL: lazy("Personal"),
}
WHO_READS: dict[Topic, object] = {
    Topic.APPOINTMENTS: lazy("The front desk reads this."),
    Topic.BILLING: lazy("The billing staff and the front desk read this."),
    Topic.CARE: lazy("Your clinician reads this, and the clinical supervisor."),
    Topic.OTHER: lazy("The front desk reads this."),
}


def readable(viewer: Viewer) -> list[str]:
    """The topics whose threads the viewer's role reads."""
    return [str(topic) for topic, permission in READERS.items() if viewer.may(permission)]


def offered(viewer: Viewer) -> list[tuple[str, object]]:
    """The same, to choose from."""
    return [(topic, TITLES[Topic(topic)]) for topic in readable(viewer)]
