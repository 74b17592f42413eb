"""What staff write to many, as they fill it in."""

from collections.abc import Sequence

from portal.access import Viewer
from portal.announcements.actions.writing import Written
from portal.announcements.queries.announcements import Announced
from portal.announcements.tables import Audience
from portal.language import lazy
from portal.messages.tables import Topic
from portal.messages.topics import READERS, TITLES, WHO_READS
from portal.practice.queries import Person
from portal.web.form import Form, Reader
from portal.web.typed import Input

ADDRESSES = r"/staff/announcements"
LONGEST_SUBJECT, LONGEST_TEXT = 120, 10_000
YES, NO = "yes", "no"
ORDER = ("subject", "body", "subject_es", "body_es", "audience", "clinician", "topic", "may_reply")
Option = tuple[str, object, object]


def opened(key: str, found: Announced | None = None) -> Form:
    """Empty, or as it was written."""
    if found is None:
        return Form.of(key=key, audience=Audience.EVERYBODY, topic=Topic.OTHER, may_reply=YES)
    return Form.of(
        key=key,
        subject=found.subject,
        body=found.body,
        subject_es=found.subject_es,
        body_es=found.body_es,
        audience=found.audience,
        clinician=found.clinician_id,
        topic=found.topic,
        may_reply=YES if found.may_reply else NO,
    )


def read(form: Form, viewer: Viewer, clinicians: Sequence[Person]) -> Written:
    """Raises `Refused` beside each field."""
    reader = Reader(form)
    subject = reader.text("subject", most=LONGEST_SUBJECT, missing=lazy("Enter a subject"))
    body = reader.lines("body", most=LONGEST_TEXT, missing=lazy("Write the message"))
    in_spanish = form["subject_es"].strip() or form["body_es"].strip()
    subject_es = reader.text(
        "subject_es", most=LONGEST_SUBJECT, missing=lazy("Enter the subject in Spanish too") if in_spanish else None
    )
    body_es = reader.lines(
        "body_es",
        most=LONGEST_TEXT,
        missing=lazy("Write the message in Spanish too, or leave its subject empty") if in_spanish else None,
    )
    audience = reader.choice("audience", list(Audience), lazy("Choose who gets it"))
    clinician = form.number("clinician") if audience == Audience.CLINICIAN else None
    if audience == Audience.CLINICIAN and clinician not in {one.id for one in clinicians}:
        reader.refuse("clinician", lazy("Choose whose clients get it"))
    readable = [str(topic) for topic, permission in READERS.items() if viewer.may(permission)]
    topic = reader.choice("topic", readable, lazy("Choose who reads the answers"))
    may_reply = reader.choice("may_reply", (YES, NO), lazy("Choose whether clients may answer"))
    if not 8 <= len(form["key"]) <= 40:
        reader.refuse("", lazy("Open this form again, and send it once more"))
    reader.finish(ORDER)
    return Written(form["key"], subject, body, Topic(topic), subject_es, body_es, clinician, may_reply=may_reply == YES)


def topics(viewer: Viewer) -> list[Option]:
    """Whoever may read the answers may ask for them."""
    return [
        (str(topic), TITLES[topic], WHO_READS[topic]) for topic, permission in READERS.items() if viewer.may(permission)
    ]


def reading(form: Form) -> dict[str, Input]:
    """Where a form is given back apart from its page."""
    return {
        "key": Input("", lambda _: ""),
        "subject": Input(lazy("Subject")),
        "body": Input(lazy("Message")),
        "subject_es": Input(lazy("Subject in Spanish")),
        "body_es": Input(lazy("Message in Spanish")),
        **{name: Input("", lambda _: "") for name in ("audience", "clinician", "topic", "may_reply")},
    }
