"""How the record of a completed document speaks of people and acts."""

from datetime import date

from portal.accounts.tables import GrantKind
from portal.documents import words as documents
from portal.language import lazy, written_date
from portal.signing.tables import How

RELATIONS: dict[str, object] = {
    GrantKind.SELF: lazy("for themselves"),
    GrantKind.GUARDIAN: lazy("as parent or guardian of the client"),
    GrantKind.PROXY: lazy("as representative of the client"),
}
FOR_THE_PRACTICE = lazy("for the practice")
HOW: dict[str, object] = {How.TYPED: lazy("Typed name"), How.DRAWN: lazy("Drawn by hand")}


def as_day(value: str) -> str:
    """A date in words; what is none, as it was written."""
    try:
        return written_date(date.fromisoformat(value))
    except ValueError:
        return value


def relation(kind: str, *, is_practice: bool) -> object:
    return FOR_THE_PRACTICE if is_practice else RELATIONS.get(kind, kind)


def step(name: str) -> object:
    return documents.STEPS.get(name, name)
