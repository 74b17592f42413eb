"""The codes that ship: chapters F and Z of ICD-10-CM, public domain, made by bin/icd10cm."""

import re
from functools import cache
from pathlib import Path

from portal.clients.names import folded

FILE = Path(__file__).with_name("icd10cm.tsv")
# As clinicians say it.
SHORT = {
    "adhd": "attention deficit hyperactivity", "ptsd": "post traumatic stress", "ocd": "obsessive compulsive",
    "gad": "generalized anxiety", "mdd": "major depressive", "bpd": "borderline personality",
}  # fmt: skip
CODE = re.compile(r"[A-TV-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")


@cache
def known() -> dict[str, str]:
    """Code → words, read when it is first asked for: a few milliseconds."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def as_written(typed: str) -> str:
    """`f411` is `F41.1`. What is no code stays as it is, in capitals."""
    plain = "".join(typed.upper().replace(".", "").split())
    dotted = plain[:3] + ("." + plain[3:] if plain[3:] else "")
    return dotted if CODE.fullmatch(dotted) else typed.strip().upper()


def is_code(written: str) -> bool:
    return CODE.fullmatch(written) is not None


def fits(code: str, words: str, sought: str) -> bool:
    """Every word of what is sought begins one of the code or of its words."""
    return _fits(code, _spoken(words), _terms(sought), _plain(sought))


def found(sought: str, most: int) -> list[tuple[str, str]]:
    """(code, words): first those whose code begins so, then whose words do, then the others; the plainest first."""
    terms, code = _terms(sought), _plain(sought)
    if not terms:
        return []
    fitting = [one for one in _spoken_of_all() if _fits(*one, terms, code)]

    def rank(one: tuple[str, str]) -> tuple[object, ...]:
        begins = _plain(one[0]).startswith(code)
        return (not begins, not begins and not one[1].startswith(f" {terms[0]}"), 0 if begins else len(one[1]), one[0])

    return [(one, known()[one]) for one, _ in sorted(fitting, key=rank)[:most]]


def _terms(sought: str) -> list[str]:
    return [term for word in folded(sought).split() for term in SHORT.get(word, word).split()]


def _fits(one: str, spoken: str, terms: list[str], code: str) -> bool:
    return bool(code and _plain(one).startswith(code)) or all(f" {term}" in spoken for term in terms)


@cache
def _spoken_of_all() -> list[tuple[str, str]]:
    return [(code, _spoken(words)) for code, words in known().items()]


def _spoken(words: str) -> str:
    return " " + folded(words)


def _plain(typed: str) -> str:
    return "".join(typed.upper().replace(".", "").split())
