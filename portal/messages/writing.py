"""The form in which a message is written, for clients and staff alike: what was typed is kept before it is judged."""

import re
import secrets
from dataclasses import dataclass

from portal.access import NotFoundException
from portal.language import lazy
from portal.messages.actions import attaching, drafting, sending
from portal.messages.actions.drafting import Drafted
from portal.messages.actions.putting import Beginning, Words
from portal.messages.queries import drafts
from portal.messages.queries.drafts import Draft
from portal.messages.tables import Topic
from portal.messages.topics import TITLES
from portal.refusal import Refused
from portal.uploads import MOST_BYTES, MOST_FILES
from portal.web.form import Form, Reader
from portal.web.request import Request
from portal.web.typed import Input

MOST_SUBJECT, MOST_BODY = 120, 10_000
MOST_SENT = MOST_FILES * MOST_BYTES + 1024 * 1024  # for routes that take such a form: request_max_body_size
ORDER = ("topic", "people", "subject", "body", "files")
KEY = re.compile(r"[0-9a-f]{32}")
ADDRESSES = r"/clients/\d+/messages(/\d+)?|/staff/messages/\d+|/staff/clients/\d+/messages"


@dataclass(frozen=True)
class Composed:
    """Ready to be sent. An answer begins nothing."""

    form: Form
    words: Words
    beginning: Beginning | None = None


def opened(draft: Draft | None, **asked: str) -> Form:
    """The draft, or an empty form in which something stands already."""
    if draft is None:
        return Form.of(key=secrets.token_hex(16), **asked)
    typed = {"key": draft.key, "topic": draft.chosen, "subject": draft.subject, "body": draft.body}
    return Form({**{name: (value,) for name, value in typed.items()}, "people": [str(one) for one in draft.people]})


async def composed(request: Request, client_id: int, thread_id: int | None, *, is_staff: bool) -> Composed:
    """Raises `Refused`; everything that was typed and every file that was taken stands in the draft then."""
    form = await request.typed()
    draft_id, sentences = await _kept(request, form, client_id, thread_id, is_staff=is_staff)
    reader = Reader(form)
    beginning = None if thread_id else _beginning(reader)
    draft = await drafts.draft(request.viewer, client_id, thread_id, is_staff=is_staff)
    may_be_silent = draft_id is None or (draft is not None and draft.files)  # a photo says enough
    body = reader.prose("body", most=MOST_BODY, missing=None if may_be_silent else sending.NOTHING_SAID)
    for name, sentence in sentences.items():
        reader.refuse(name, sentence)
    reader.finish(ORDER)
    return Composed(form, Words(body, key_of(form), draft_id, seen=form.number("seen")), beginning)


async def kept(
    request: Request, client_id: int, thread_id: int | None, *, is_staff: bool, by_itself: bool = False
) -> Draft | None:
    """For later. Raises `Refused` where a file cannot be taken; the words are kept all the same."""
    form = await request.typed()
    known = next(iter(form.all("known")), None) if by_itself else None
    _, sentences = await _kept(request, form, client_id, thread_id, is_staff=is_staff, known=known)
    draft = await drafts.draft(request.viewer, client_id, thread_id, is_staff=is_staff)
    if draft is not None and not draft.files and _is_empty(form):
        await drafting.drop(request.viewer, client_id, thread_id, is_staff=is_staff)
        draft = None
    if sentences:
        raise Refused(sentences)
    return draft


def reading(form: Form) -> dict[str, Input]:
    """Where a form is given back apart from its page."""
    unsaid = {name: Input("", lambda _: "") for name in ("key", "act", "known", "seen", "without", "people")}
    said = {"subject": Input(lazy("Subject")), "body": Input(lazy("Your message"))}
    return {**unsaid, **said, "topic": Input(lazy("Topic"), _topic_in_words)}


async def _kept(
    request: Request, form: Form, client_id: int, thread_id: int | None, *, is_staff: bool, known: str | None = None
) -> tuple[int | None, dict[str, object]]:
    """The draft, and what could not be taken along. Of what was sent already there is no draft any more."""
    topic, clinician = chosen(form)
    drafted = Drafted(
        key_of(form),
        form["body"],
        form["subject"],
        topic,
        clinician,
        numbers(form, "people"),
        numbers(form, "without"),
        known,
    )
    viewer = request.viewer
    draft_id = await drafting.save(viewer, client_id, thread_id, drafted, is_staff=is_staff)
    refused: list[object] = []
    for upload in await request.files("files") if draft_id is not None else []:
        assert draft_id is not None
        try:
            await attaching.keep(viewer, client_id, draft_id, upload.filename, await upload.read(MOST_BYTES + 1))
        except Refused as refusal:
            refused += refusal.sentences.values()
        except NotFoundException:  # sent meanwhile by the same form, or thrown away in another window
            draft_id = await drafting.save(viewer, client_id, thread_id, drafted, is_staff=is_staff)
            if draft_id is None:
                break
            refused.append(lazy("Choose your files once more"))
    sentences: dict[str, object] = {"files": " ".join(map(str, dict.fromkeys(refused)))} if refused else {}
    return draft_id, sentences


def _beginning(reader: Reader) -> Beginning:
    topic, clinician = chosen(reader.form)
    if not topic:
        reader.refuse("topic", lazy("Choose who the message is for"))
    subject = reader.text("subject", most=MOST_SUBJECT, missing=lazy("Say in a few words what it is about"))
    return Beginning(Topic(topic or Topic.OTHER), subject, clinician, numbers(reader.form, "people"))


def chosen(form: Form) -> tuple[str, int | None]:
    """`care`, or `personal-7` for a clinician. Nothing for what is neither."""
    topic, _, clinician = form["topic"].partition("-")
    if topic == Topic.PERSONAL and clinician.isascii() and clinician.isdecimal() and len(clinician) < 10:
        return topic, int(clinician)
    return (topic, None) if topic in set(Topic) - {Topic.PERSONAL} and not clinician else ("", None)


def numbers(form: Form, name: str) -> frozenset[int]:
    """What was ticked, of ids."""
    return frozenset(int(one) for one in form.all(name) if one.isascii() and one.isdecimal() and len(one) < 10)


def key_of(form: Form) -> str:
    """Of a form that brings none, a new one: it is sent, but nothing keeps it from being sent again."""
    return form["key"] if KEY.fullmatch(form["key"]) else secrets.token_hex(16)


def _is_empty(form: Form) -> bool:
    return not (form["subject"].strip() or form["body"].strip())


def _topic_in_words(value: str) -> str:
    topic = value.partition("-")[0]
    return str(TITLES[Topic(topic)]) if topic in set(Topic) else ""
