"""Answers as people read them, in their own language."""

from collections.abc import Sequence
from datetime import date

from portal.filling import answers
from portal.language import lazy, written_date
from portal.library.fields import Field, Kind


def said(one: Field, values: Sequence[str]) -> list[object]:
    """Nothing, where nothing was answered; but a box that is not ticked says so."""
    if one.kind == Kind.CHECK:
        return [lazy("Ticked") if values else lazy("Not ticked")]
    if one.kind == Kind.DATE:
        return [written_date(date.fromisoformat(value)) for value in values]
    return list(answers.spoken(one, values))
