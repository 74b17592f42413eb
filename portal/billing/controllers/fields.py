"""What the screens share on which an encounter is written: its form, and the page on which it is looked over."""

from typing import Any

from litestar import Response

from portal.billing import recording
from portal.encounters import coding, filling, rules
from portal.encounters.choices import CLIENT, Around
from portal.encounters.drafts import POINTERS, EncounterDraft, Insured
from portal.fees import queries as fees
from portal.language import lazy
from portal.web.form import Form
from portal.web.replies import reply
from portal.web.request import Request

MOST_SOUGHT = 100


def rearranged(form: Form) -> Form | None:
    """What a button does that records nothing: a row more, a diagnosis taken, a code looked up, back to the form."""
    if form["pick"]:
        return filling.with_diagnosis(form, form["pick"])
    if form["act"] in ("diagnosis", "line"):
        return filling.with_another(form, form["act"])
    # Enter in the field for looking up means looking up.
    is_sought = form["act"] == "find" or (form["act"] == "" and form["find"].strip())
    return form if is_sought or form["act"] == "change" else None


async def around(request: Request, form: Form, one: Around) -> dict[str, Any]:
    """For the template of the form: what may be chosen, how many rows, what a look-up has found."""
    seen, lines = filling.many(form)
    codes = coding.codes(form)
    words = form["find"].strip()[:MOST_SOUGHT] if form["act"] != "change" else ""
    return {
        "around": one,
        "sites": [(place.id, place.name) for place in one.places],
        "insurers": [*((name, _said(insured)) for name, insured in one.insurers.items()), (CLIENT, CLIENT_PAYS)],
        "places_of_service": [(code, f"{code} {words}") for code, words in rules.PLACES.items()],
        "letters": POINTERS[:seen],
        "said": {row: one.diagnoses.get(codes.get(row, ""), "") for row in range(1, seen + 1)},
        "rows": range(1, lines + 1),
        "most": {"diagnoses": len(POINTERS), "lines": rules.MOST_LINES},
        "words": words,
        "found": await fees.sought(request.viewer, words),
    }


CLIENT_PAYS = lazy("The client pays")


async def check(request: Request, form: Form, there: Around, draft: EncounterDraft, **about: Any) -> Response[Any]:
    """Everything once more, with the sum; what was typed goes along, to be changed or to be recorded."""
    typed = [
        (name, value)
        for name, values in form.typed.items()
        if name not in ("act", "seen", "find", "pick")
        for value in values
    ]
    return await reply(
        request,
        "billing/check",
        form=form,
        about=there.client_id,
        draft=draft,
        letters=POINTERS,
        typed=typed,
        insurer=_said(draft.insured) if draft.insured.payer else CLIENT_PAYS,
        is_other=form["act"] in ("record", "next"),
        **recording.names(there, draft),
        **about,
    )


def _said(insured: Insured) -> str:
    return ", ".join(part for part in (insured.payer, insured.plan, insured.member_id) if part)
