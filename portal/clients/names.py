"""Names as people type them: folded for comparing, sorting and finding."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

APART = re.compile(r"[\s\-‐‑‒–—'‘’ʻʼ`´·.,]+")
SMALL = {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"}
DATES = (
    re.compile(r"(?P<month>\d{1,2})[/.](?P<day>\d{1,2})[/.](?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
)
MOST_TERMS = 8
LONGEST_TERM = 60
LETTERS = str.maketrans(SMALL | {letter.upper(): plain for letter, plain in SMALL.items() if len(letter.upper()) == 1})


def full_name(row: Mapping[str, Any]) -> str:
    """Of a row of the chart: first and last name, and what follows them."""
    return " ".join(str(row[part]) for part in ("given_name", "family_name", "suffix") if row[part])


def folded(text: str) -> str:
    """Case, accents, hyphens and apostrophes forgiven; words one space apart: `D’Ángelo-Núñez` is `d angelo nunez`."""
    plain = unicodedata.normalize("NFKD", text.translate(LETTERS))
    plain = "".join(char for char in plain if not unicodedata.combining(char) and not _is_unseen(char)).casefold()
    return APART.sub(" ", plain).strip()


def _is_unseen(char: str) -> bool:
    """Soft hyphens, joiners and marks of direction, which come along when a name is pasted."""
    return unicodedata.category(char) == "Cf"


def squeezed(text: str) -> str:
    """Folded with no spaces at all: what a last name is compared by."""
    return folded(text).replace(" ", "")


def search_terms(names: list[str], numbers: list[str], emails: list[str], birth_date: date | None) -> list[str]:
    """Every word that finds a client, as lexemes of its search vector."""
    words = {word for name in names for word in folded(name).split()}
    words |= {squeezed(name)[:100] for name in names} - {""}
    words |= {number.casefold() for number in numbers if number} | {email.casefold() for email in emails}
    words |= {part for number in numbers for part in folded(number).split()}  # as it comes apart when it is typed
    if birth_date:
        words.add(birth_date.isoformat())
    return sorted(words)


def sought(words: str) -> str:
    """A tsquery: a date as one term, an address as one, other words folded, each a beginning."""
    text, terms = words[:200], []
    for pattern in DATES:
        for match in pattern.finditer(text):
            try:
                terms.append(date(*(int(match[part]) for part in ("year", "month", "day"))).isoformat())
            except ValueError:
                continue
            text = text.replace(match[0], " ")
    for word in text.split():
        terms += [word.casefold()] if "@" in word else folded(word).split()
    terms = [term[:LONGEST_TERM].replace("\\", "\\\\").replace("'", "''") for term in terms[:MOST_TERMS]]
    return " & ".join(f"'{term}':*" for term in terms)
