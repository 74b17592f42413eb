"""What staff fill in: filters of the inbox, whose a conversation is, notes, canned replies."""

from collections.abc import Sequence
from typing import NamedTuple

from portal.keyset import Place
from portal.language import lazy
from portal.messages.canned import strange_fields
from portal.messages.filters import Filters, View
from portal.messages.queries.people import Somebody
from portal.messages.tables import Topic
from portal.messages.writing import KEY
from portal.refusal import Refused
from portal.web.form import Form, Reader
from portal.web.sealed import sealed, unsealed

MOST_WORDS, MOST_NOTE = 200, 4000
LANGUAGES = ("en", "es")


class CannedReply(NamedTuple):
    title: str
    body_en: str
    body_es: str


def filters_of(asked: Form) -> Filters:
    """What is strange in an address is left out, and nothing is refused."""
    after = Place.read(asked["after"])
    words = str(unsealed("messages", asked["find"]).get("words", ""))
    return Filters(
        view=View(asked["view"]) if asked["view"] in set(View) else View.WAITING,
        topic=asked["topic"] if asked["topic"] in set(Topic) else "",
        words=words,
        find=asked["find"] if words else "",
        client_id=asked.number("client"),
        after=after,
        before=None if after else Place.read(asked["before"]),
    )


def searched(typed: Form) -> Filters:
    """From the search form, which brings the other filters along."""
    words = typed["words"].strip()[:MOST_WORDS]
    told = {name: (typed[name],) for name in ("view", "topic", "client")}
    return filters_of(Form({**told, "find": (sealed("messages", words=words) if words else "",)}))


def version(form: Form) -> int:
    return form.number("version") or 0


def note(form: Form) -> tuple[str, str]:
    """(its words, its key). Without a key of ours the words go nowhere."""
    reader = Reader(form)
    body = reader.lines("note", most=MOST_NOTE, missing=lazy("Write the note"))
    if not KEY.fullmatch(form["key"]):
        reader.refuse("", lazy("Open this page once more, and write there"))
    reader.finish()
    return body, form["key"]


def canned_reply(form: Form) -> CannedReply:
    reader = Reader(form)
    title = reader.text("title", most=80, missing=lazy("Give it a name to find it by"))
    bodies = [
        reader.lines("body_en", most=4000, missing=lazy("Write the reply")),
        reader.lines("body_es", most=4000),
    ]
    for name, body in zip(("body_en", "body_es"), bodies, strict=True):
        for strange in strange_fields(body)[:1]:
            reader.refuse(name, lazy("Nothing is filled in for {%(name)s}: use the two that stand above", name=strange))
    reader.finish(("title", "body_en", "body_es"))
    return CannedReply(title, *bodies)


def asked_for(form: Form) -> tuple[int, str] | None:
    """`3-es`: a canned reply, and in which language."""
    number, _, spoken = form["canned"].partition("-")
    is_one = number.isascii() and number.isdecimal() and len(number) < 10 and spoken in LANGUAGES
    return (int(number), spoken) if is_one else None


def ticked(people: Sequence[Somebody]) -> list[str]:
    """Who gets a new message unless somebody unticks them: the client, or else all guardians."""
    own = [one for one in people if one.is_self] or [one for one in people if one.kind == "guardian"] or list(people)
    return [str(one.account_id) for one in own]


def must_be_offered(form: Form, topics: Sequence[object]) -> None:
    if form["topic"] not in topics:
        raise Refused(topic=lazy("Choose what it is about"))
