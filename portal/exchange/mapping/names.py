"""Which of a person's names is the one to use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.clients.names import folded
from portal.exchange.fhir import HumanName
from portal.exchange.mapping.values import joined, plain

LEGAL_FIRST = {"official": 0, "usual": 1, "": 2, "temp": 3, "maiden": 4}


@dataclass(frozen=True, slots=True)
class Name:
    """`is_guessed`: it was one text, taken apart at its last space."""

    given: str = ""
    middle: str = ""
    family: str = ""
    prefix: str = ""
    suffix: str = ""
    preferred: str = ""
    is_guessed: bool = False

    @property
    def whole(self) -> str:
        return joined((self.given, self.middle, self.family))


def best_name(names: Sequence[HumanName], today: date) -> Name | None:
    """The official one, else the usual one, of those still in use. None where no letter is left."""
    current = [name for name in names if name.use in LEGAL_FIRST and not name.period.is_over(today)]
    for chosen in sorted(current, key=lambda name: LEGAL_FIRST[name.use]):
        name = _parts(chosen, _preferred(chosen, names, today))
        if folded(name.whole):
            return name
    return None


def _parts(name: HumanName, preferred: str) -> Name:
    given = [part for part in map(plain, name.given) if part]
    family = plain(name.family)
    is_guessed = False
    if not family and not given:
        *given, family = plain(name.text).split() or [""]
        is_guessed = bool(given)
    elif not family:
        *given, family = given  # a person with one name
    return Name(
        given=given[0] if given else "",
        middle=" ".join(given[1:]),
        family=family,
        prefix=joined(name.prefix),
        suffix=joined(name.suffix, ", "),
        preferred=preferred,
        is_guessed=is_guessed,
    )


def _preferred(chosen: HumanName, names: Sequence[HumanName], today: date) -> str:
    """A nickname; or the first name in use, where the official one differs."""
    legal = plain(chosen.given[0]) if chosen.given else ""
    for use in ("nickname", "usual"):
        for name in names:
            if name is not chosen and name.use == use and not name.period.is_over(today):
                called = plain(name.given[0]) if name.given else plain(name.text)
                if called and called != legal:
                    return called
    return ""
