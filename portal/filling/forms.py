"""The questions of a form as inputs: opened with what was answered, and read back.

Of a question at place 3 they are `q-3`; a date has three of them, a choice with other words `q-3_other` beside it.
What is chosen is told by the option's place and its words (`2 By phone`), so that a page that is given back without its
form can still be read.
"""

import unicodedata
from collections.abc import Iterable

from portal.filling.answers import Answers
from portal.filling.queries.filled import Question
from portal.language import lazy
from portal.library.fields import Field, Kind
from portal.web.form import Form, Reader

LONGEST_LINE, LONGEST_TEXT = 500, 8000
MOST_BYTES = 4 * 1024 * 1024  # of a whole form at once
PARTS = ("year", "month", "day")
NAMED = {
    Kind.DATE: lazy("Enter the date: %(label)s"),
    Kind.CHECK: lazy("Tick this: %(label)s"),
    Kind.RADIO: lazy("Choose one: %(label)s"),
    Kind.CHOICE: lazy("Choose one: %(label)s"),
    Kind.LIST: lazy("Choose: %(label)s"),
}
FILL_IN = lazy("Fill in: %(label)s")


def input_of(place: int) -> str:
    return f"q-{place}"


def longest(one: Field) -> int:
    return one.most or (LONGEST_TEXT if one.kind == Kind.MULTILINE else LONGEST_LINE)


def options(one: Field) -> list[tuple[str, str]]:
    """As inputs tell them, with their words."""
    return [(f"{place} {option.label}", option.label) for place, option in enumerate(one.options, 1)]


def opened(questions: Iterable[Question], given: Answers) -> Form:
    typed: dict[str, list[str]] = {}
    for place, one in questions:
        name, values = input_of(place), list(given.get(one.name, ()))
        if one.kind == Kind.DATE:
            parts = values[0].split("-") if values else ("", "", "")
            typed |= {f"{name}_{part}": [value] for part, value in zip(PARTS, parts, strict=True)}
        elif one.options:
            told = {option.value: text for option, (text, _) in zip(one.options, options(one), strict=True)}
            typed[name] = [told[value] for value in values if value in told]
            typed[f"{name}_other"] = [value for value in values if value not in told]
        else:
            typed[name] = values
    return Form(typed)


def read(form: Form, questions: Iterable[Question]) -> tuple[dict[str, list[str]], dict[str, object]]:
    """Answers by field, empty ones too, and by input what cannot be kept as it was written."""
    given: dict[str, list[str]] = {}
    wrong: dict[str, object] = {}
    for place, one in questions:
        reader, name = Reader(form), input_of(place)
        values = _of_a_date(reader, name, one) if one.kind == Kind.DATE else _of(reader, name, one)
        if reader.sentences:
            wrong |= reader.sentences
        else:
            given[one.name] = values
    return given, wrong


def _of(reader: Reader, name: str, one: Field) -> list[str]:
    if not one.options:
        return _text(reader, name, one)
    if one.open and (other := _text(reader, f"{name}_other", one)):
        return other
    chosen = [_chosen(one, value) for value in reader.form.all(name) if value]
    if None in chosen:
        reader.refuse(name, lazy("Choose from the list: %(label)s", label=one.label))
    values = list(dict.fromkeys(value for value in chosen if value is not None))
    return values if one.many else values[-1:]


def _text(reader: Reader, name: str, one: Field) -> list[str]:
    """As it was written, but for what cannot be printed; one line is one line."""
    value = _printable(reader.prose(name, most=MOST_BYTES))
    value = value.strip() if one.kind == Kind.MULTILINE else " ".join(value.split())
    if len(value) > longest(one):
        too_long = lazy("Use %(most)s characters or fewer: %(label)s", most=longest(one), label=one.label)
        reader.refuse(name, too_long)
    return [value] if value else []


def _printable(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\t", " "))
    return "".join(one for one in text if one == "\n" or unicodedata.category(one) != "Cc")


def _chosen(one: Field, value: str) -> str | None:
    place = value.partition(" ")[0]
    is_place = place.isascii() and place.isdecimal() and len(place) < 4 and 0 < int(place) <= len(one.options)
    return one.options[int(place) - 1].value if is_place else None


def _of_a_date(reader: Reader, name: str, one: Field) -> list[str]:
    if not any(reader.form[f"{name}_{part}"].strip() for part in PARTS):
        return []
    found = reader.day(name, missing=lazy("Enter the whole date: %(label)s", label=one.label))
    if found is None and all(reader.form[f"{name}_{part}"].strip() for part in PARTS):
        reader.sentences[name] = lazy("Check the date, with the year in four digits: %(label)s", label=one.label)
    return [found.isoformat()] if found else []


def missing(questions: Iterable[Question]) -> dict[str, object]:
    """By input, of those that must be filled in and are not."""
    return {input_of(place): lazy(NAMED.get(one.kind, FILL_IN).message, label=one.label) for place, one in questions}
