"""One page of the portal that shows questions of a form: one part of it, or all of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from litestar import Response

from portal.access import NotFoundException
from portal.filling import forms, known
from portal.filling.actions import saving
from portal.filling.actions.saving import Kept
from portal.filling.queries import filled as queries
from portal.filling.queries.filled import Filled, Group, Question
from portal.web.form import Form
from portal.web.replies import reply
from portal.web.request import Request

REVIEW = "review"


@dataclass(frozen=True)
class Part:
    """`number` is the page of the PDF, none of all. `here`, `before` and `after` are addresses."""

    filled: Filled
    number: int | None
    here: str
    before: str
    after: str

    @property
    def groups(self) -> list[Group]:
        return [one for one in self.filled.groups if self.number in (None, one.page)]

    @property
    def questions(self) -> list[Question]:
        return [one for group in self.groups for one in group.questions]

    @property
    def at(self) -> dict[str, Any]:
        return self.filled.at

    @property
    def saves(self) -> str:
        return f"{self.here.partition('?')[0]}/draft"

    def lacking(self, given: Mapping[str, Any], wrong: Mapping[str, object]) -> list[Question]:
        """What must be filled in and is not, of what is not wrong for another reason."""
        return [
            one
            for one in self.questions
            if one.field.required and not given.get(one.field.name) and forms.input_of(one.place) not in wrong
        ]


async def part_of(request: Request, client_id: int, document_id: int, number: int | None = None) -> Part:
    """Whoever comes from the review goes back there."""
    found = await queries.filled(request.viewer, client_id, document_id)
    at, pages = {"client_id": client_id, "document_id": document_id}, [one.page for one in found.groups]
    reverse = request.app.route_reverse
    document, review = reverse("document", **at), reverse("form-review-answers", **at)
    if number is None and pages:
        return Part(found, None, reverse("form-all", **at), document, review)
    if number not in pages:
        raise NotFoundException
    addresses = [document, *(reverse("form-page", **at, number=one) for one in pages), review]
    place = pages.index(number) + 1
    before, here, after = addresses[place - 1 : place + 2]
    is_change = request.asked["then"] == REVIEW
    return Part(found, number, f"{here}?then={REVIEW}" if is_change else here, before, review if is_change else after)


class Saved(NamedTuple):
    """`given` was typed, by field; `wrong` says by input what of it was not kept."""

    kept: Kept
    given: dict[str, list[str]]
    wrong: dict[str, object]


async def save(request: Request, part: Part, form: Form) -> Saved:
    """Raises `Refused` where it is not with the client any more."""
    given, wrong = forms.read(form, part.questions)
    marks = known.read(form, part.questions)
    kept = await saving.save(request.viewer, **part.at, given=given, known=marks)
    return Saved(kept, given, {**wrong, **known.elsewhere(part.questions, kept.elsewhere, kept.answers)})


async def refused(request: Request, part: Part, form: Form, saved: Saved) -> Response[Any]:
    """As it was typed; but what was left alone here and answered elsewhere stands there as it is now. What was said of
    an answer that differs is known from now on.
    """
    kept = saved.kept
    moved = [
        one
        for one in part.questions
        if one.field.name not in kept.elsewhere and _differs(one.field.name, saved) and one.field.name in saved.given
    ]
    typed = {**form.typed, **forms.opened(moved, kept.answers).typed}
    seen = kept.elsewhere | {one.field.name for one in moved}
    again = await part_of(request, **part.at, number=part.number)
    return await screen(request, again, Form(typed, form.errors), _marks(part, form, saved, seen))


def told(part: Part, form: Form, saved: Saved) -> dict[str, Any]:
    """What a form that has saved itself says."""
    unsaved = [one.label for place, one in part.questions if forms.input_of(place) in saved.wrong]
    return {
        "known": _marks(part, form, saved),
        "saved_at": saved.kept.saved_at,
        "unsaved": unsaved,
        "refused": "",
    }


def _marks(part: Part, form: Form, saved: Saved, seen: Collection[str] = ()) -> str:
    """Of an answer that the page does not show as it stands, it knows what it knew, but of those that were `seen`."""
    old, names = known.read(form, part.questions), [one.field.name for one in part.questions]
    before = {name: old.get(name, "") for name in names if _differs(name, saved) and name not in seen}
    return known.marks(part.questions, saved.kept.answers, before)


def _differs(name: str, saved: Saved) -> bool:
    return saved.given.get(name) != saved.kept.answers.get(name, [])


async def screen(request: Request, part: Part, form: Form, marks: str = "") -> Response[Any]:
    return await reply(
        request, "filling/form", form=form, about=part.filled.document.client_id, part=part, one=part.filled.document,
        known=marks or known.marks(part.questions, part.filled.answers), saved_at=part.filled.saved_at, unsaved=[],
        refused="", options=forms.options, input_of=forms.input_of, longest=forms.longest, **part.at,
    )  # fmt: skip
