"""A room's link as staff fill it in; the one box of consent; and what both are called elsewhere."""

from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import UNSEEN, Form
from portal.web.typed import Input

ADDRESSES = r"/staff/hours/\d+/room|/clients/\d+/appointments/\d+/join"


def link(form: Form) -> str:
    return UNSEEN.sub("", form["link"]).strip()


def must_agree(form: Form) -> None:
    if form["agree"] != "yes":
        raise Refused(agree=lazy("Tick the box if you agree. If you do not, call us: there are other ways to meet."))


def reading(form: Form) -> dict[str, Input]:
    return {"link": Input(lazy("Video room")), "agree": Input(lazy("I agree"), lambda _: lazy("Yes"))}
