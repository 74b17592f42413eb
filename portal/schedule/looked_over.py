"""A plan that staff have looked over: what of it can be, and what of it they want."""

from collections.abc import Sequence

from portal.language import lazy
from portal.refusal import Refused
from portal.schedule.queries.plans import Step
from portal.web.form import Form


def must_fit(step: Step, form: Form) -> None:
    """One visit: what stands in its way is refused, what is doubtful asks for a tick, which holds for what it is asked
    beside and for no other doubt."""
    if step.placed is None:
        raise Refused(time=lazy("The clock leaves this hour out on that night. Choose another time."))
    if step.clashes:
        raise Refused(time=step.clashes[0])
    told = [str(one) for one in step.doubts]
    if not (form["sure"] == "yes" and set(told) <= set(form.all("told"))) and told:
        raise Refused(sure=" ".join(told))


def refused(form: Form, refusal: Refused, steps: Sequence[Step]) -> Form:
    """With the doubts that are told now, and nobody sure of them yet."""
    if "sure" not in refusal.sentences:
        return form.refused(refusal)
    told = [str(one) for step in steps for one in step.doubts]
    return Form({**form.typed, "sure": [], "told": told}, refusal.sentences)


def beside(refusal: Refused) -> Refused:
    """On the page that lists them, where the fields of the form are hidden."""
    return Refused({"keep" if name in ("time", "sure") else name: one for name, one in refusal.sentences.items()})


def fitting(steps: Sequence[Step], form: Form) -> list[str]:
    """The keys that are ticked: as the form says, or at first whatever nothing speaks against."""
    if form["act"] == "keep":
        return [one.key for one in steps if one.key in form.all("keep")]
    return [one.key for one in steps if one.is_fine]
