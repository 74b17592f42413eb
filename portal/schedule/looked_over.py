"""A plan that staff have looked over: what of it can be, and what of it they want."""

from collections.abc import Sequence

from portal.language import lazy
from portal.refusal import Refused
from portal.schedule.queries.plans import Step
from portal.web.form import Form


def must_fit(step: Step, *, is_sure: bool) -> None:
    """One visit: what stands in its way is refused, what is doubtful asks for a tick."""
    if step.placed is None:
        raise Refused(time=lazy("The clock leaves this hour out on that night. Choose another time."))
    if step.clashes:
        raise Refused(time=step.clashes[0])
    if step.doubts and not is_sure:
        raise Refused(sure=step.doubts[0])


def beside(refusal: Refused) -> Refused:
    """On the page that lists them, where the fields of the form are hidden."""
    return Refused({"keep" if name in ("time", "sure") else name: one for name, one in refusal.sentences.items()})


def fitting(steps: Sequence[Step], form: Form) -> list[str]:
    """The keys that are ticked: as the form says, or at first whatever nothing speaks against."""
    if form["act"] == "keep":
        return [one.key for one in steps if one.key in form.all("keep")]
    return [one.key for one in steps if one.is_fine]
