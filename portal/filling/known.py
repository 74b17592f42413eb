"""What a page knows of the answers that it shows: written into it, and read back with what was typed there."""

from collections.abc import Collection, Iterable, Mapping

from portal.filling import words
from portal.filling.actions.saving import mark
from portal.filling.answers import Answers
from portal.filling.forms import input_of
from portal.filling.queries.filled import Question
from portal.language import lazy
from portal.web.form import Form


def marks(questions: Iterable[Question], given: Answers, before: Mapping[str, str] | None = None) -> str:
    """`3:4f1c09ab22 4:…`; of those in `before`, what it knew then."""
    known = {one.name: mark(given.get(one.name, ())) for _, one in questions} | dict(before or {})
    return " ".join(f"{place}:{known[one.name]}" for place, one in questions)


def read(form: Form, questions: Iterable[Question]) -> dict[str, str]:
    told = dict(word.split(":", 1) for word in form["known"].split() if ":" in word)
    return {one.name: told[str(place)] for place, one in questions if str(place) in told}


def elsewhere(questions: Iterable[Question], names: Collection[str], given: Answers) -> dict[str, object]:
    """By input, what was answered otherwise meanwhile: sent once more, it is meant."""
    said: dict[str, object] = {}
    for place, one in questions:
        if one.name not in names:
            continue
        if values := given.get(one.name):
            there = ", ".join(map(str, words.said(one, values)))
            said[input_of(place)] = lazy(
                "Answered meanwhile on another device: “%(answer)s”. Save again to keep yours: %(label)s",
                answer=there,
                label=one.label,
            )
        else:
            said[input_of(place)] = lazy(
                "Emptied meanwhile on another device. Save again to keep yours: %(label)s", label=one.label
            )
    return said
