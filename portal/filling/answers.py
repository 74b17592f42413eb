"""Answers to the fields of a form: name → the values, as they were given.

Of a text one value, of a date `2026-11-30`, of what is chosen the option's value, of a list as many as were chosen.
What was not answered does not stand there, nor what was left empty. Pure: everything here can be computed again from
the rows.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

from portal.library import fields
from portal.library.fields import Field, Kind

Answers = Mapping[str, Sequence[str]]


def read(told: str) -> dict[str, list[str]]:
    """From JSON as it stands in a row."""
    return {name: list(values) for name, values in json.loads(told).items()}


def canonical(answers: Answers) -> str:
    """The same answers are the same text, whatever order they came in."""
    told = {name: list(values) for name, values in answers.items() if values}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(answers: Answers) -> bytes:
    return hashlib.sha256(canonical(answers).encode()).digest()


def digest_of_fields(asked: Sequence[Field]) -> bytes:
    return hashlib.sha256(fields.written(asked).encode()).digest()


def shown(blank_sha256: bytes, asked: Sequence[Field], answers: Answers) -> str:
    """What somebody has before their eyes when they send it, as one word: the page of review carries it."""
    whole = blank_sha256 + digest_of_fields(asked) + digest(answers)
    return hashlib.sha256(whole).hexdigest()


def missing(asked: Sequence[Field], answers: Answers) -> list[Field]:
    """What must be filled in and is not."""
    return [one for one in asked if one.is_asked and one.required and not answers.get(one.name)]


def known(asked: Sequence[Field], answers: Answers) -> dict[str, list[str]]:
    """Without what no field asks the client for: nothing else is ever kept or sent."""
    names = {one.name for one in asked if one.is_asked}
    return {name: list(values) for name, values in answers.items() if name in names and values}


def spoken(one: Field, values: Sequence[str]) -> list[str]:
    """As a person reads them: the words of what was chosen, everything else as it was written."""
    words = {option.value: option.label for option in one.options}
    if one.kind in (Kind.RADIO, Kind.CHOICE, Kind.LIST):
        return [words.get(value, value) for value in values]
    return list(values)
