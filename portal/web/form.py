"""What was typed, as it was typed, and why it was refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Self

from portal.language import lazy
from portal.refusal import Refused


@dataclass(frozen=True)
class Form:
    """`form[name]` is the last value or an empty string; nothing is rejected before it can be shown again."""

    typed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, **values: object) -> Self:
        """A form that opens with these values in its fields."""
        return cls({name: ("" if value is None else str(value),) for name, value in values.items()})

    def __getitem__(self, name: str) -> str:
        values = self.typed.get(name, ())
        return values[-1] if values else ""

    def all(self, name: str) -> Sequence[str]:
        return self.typed.get(name, ())

    def number(self, name: str) -> int | None:
        """An id or a count; anything else that somebody wrote there is None."""
        text = self[name]
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None

    def but(self, **values: str) -> Self:
        """The same with these values in its fields."""
        return replace(self, typed={**self.typed, **{name: (value,) for name, value in values.items()}})

    def refused(self, refusal: Refused) -> Self:
        return self.told(refusal.sentences)

    def told(self, sentences: Mapping[str, object]) -> Self:
        return replace(self, errors=sentences)


# Marks of direction and characters of no width: they hide in a name and turn it around on every page.
UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")


# Of these, joiners belong to the letters of some alphabets and to emoji: whoever writes a text needs them.
TURNING = re.compile("[\u200b\u202a-\u202e\u2066-\u2069\ufeff]")


class Reader:
    """Reads a form field by field and gathers every refusal, so that all of them are shown at once."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.sentences: dict[str, object] = {}

    def text(self, name: str, *, most: int, missing: object = None) -> str:
        """Trimmed, inner runs of blanks made one. `missing` is the sentence for an empty field that must not be."""
        value = " ".join(UNSEEN.sub("", self.form[name]).split())
        if not value and missing is not None:
            self.sentences[name] = missing
        elif len(value) > most:
            self.sentences[name] = lazy("Use %(most)s characters or fewer", most=most)
        return value

    def prose(self, name: str, *, most: int, missing: object = None) -> str:
        """As it was written, with its indents and joined letters; only what turns a text around is taken out."""
        said = [line.rstrip() for line in TURNING.sub("", self.form[name]).splitlines()]
        value = re.sub("\n{3,}", "\n\n", "\n".join(said)).strip("\n")
        if not value.strip() and missing is not None:
            self.sentences[name] = missing
        elif len(value) > most:
            self.sentences[name] = lazy("Use %(most)s characters or fewer", most=most)
        return value

    def lines(self, name: str, *, most: int, missing: object = None) -> str:
        """As `text`, of several lines: each trimmed, and no more than one empty one between two."""
        said = [" ".join(line.split()) for line in UNSEEN.sub("", self.form[name]).splitlines()]
        value = re.sub("\n{3,}", "\n\n", "\n".join(said)).strip()
        if not value and missing is not None:
            self.sentences[name] = missing
        elif len(value) > most:
            self.sentences[name] = lazy("Use %(most)s characters or fewer", most=most)
        return value

    def choice(self, name: str, allowed: Sequence[str], missing: object) -> str:
        value = self.form[name]
        if value not in allowed:
            self.sentences[name] = missing
        return value

    def day(self, prefix: str, *, missing: object) -> date | None:
        """From `prefix_month`, `prefix_day`, `prefix_year`; the refusal stands at the prefix."""
        parts = [self.form[f"{prefix}_{part}"].strip() for part in ("year", "month", "day")]
        if not all(parts):
            self.sentences[prefix] = missing
            return None
        if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts) or len(parts[0]) != 4:
            self.sentences[prefix] = lazy("Use numbers: month, day, and the year with four digits")
            return None
        try:
            return date(int(parts[0]), int(parts[1]), int(parts[2]))
        except ValueError:
            self.sentences[prefix] = lazy("That date is not in the calendar: check the month and the day")
            return None

    def refuse(self, name: str, sentence: object) -> None:
        self.sentences.setdefault(name, sentence)

    def finish(self, order: Sequence[str] = ()) -> None:
        """Raises what was gathered: first what belongs to no field, then in the order of the page."""
        if self.sentences:
            places = {name: place for place, name in enumerate(order)}
            raise Refused(dict(sorted(self.sentences.items(), key=lambda one: places.get(one[0], -1))))
