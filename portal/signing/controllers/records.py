"""Electronic records in place of paper: read, agreed to with the code of a PDF, and taken back."""

from typing import Any

from litestar import Controller, Response, get, post

from portal import language
from portal.access import SIGNED_IN
from portal.language import lazy
from portal.papers.controllers import made
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.signing import forms, papers
from portal.signing.actions import consenting
from portal.signing.queries import consents
from portal.signing.wording import wording
from portal.web import typed
from portal.web.form import Form
from portal.web.replies import go, reply, see_other, tell
from portal.web.request import Request
from portal.web.templates import written_phone

typed.declare(forms.ADDRESSES, forms.reading)
NOT_FOR_YOU = Refused({"": lazy("This is for people who sign documents here: nothing waits for your signature.")})


class ElectronicRecordsController(Controller):
    path = "/electronic-records"
    opt = SIGNED_IN

    @get(name="electronic-records")
    async def show(self, request: Request) -> Response[Any]:
        return await self.screen(request, Form.of(language=language.current(), back=forms.back(request.asked["back"])))

    @post("/paper", name="electronic-records-paper")
    async def render(self, request: Request) -> Response[Any]:
        """The words as a PDF: with a code, until they are agreed to."""
        form = await request.typed()
        try:
            must_sign(request)
            with language.speaking(forms.spoken(form, language.current())):
                asked = await consenting.ask(request.viewer, await words_of(request, form))
                return await made(request, papers.wanted(request.viewer, asked))
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal))

    @post()
    async def create(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            must_sign(request)
            await consenting.agree(request.viewer, await words_of(request, form), forms.code(form))
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal))
        if back := forms.back(form["back"]):
            await tell(request, "ok", lazy("You agreed to electronic records. Now you can sign."))
            return go(back)
        await tell(request, "ok", lazy("You agreed to electronic records."))
        return see_other(request, "electronic-records")

    @post("/withdrawal", name="electronic-records-withdrawal")
    async def delete(self, request: Request) -> Response[Any]:
        await consenting.withdraw(request.viewer)
        await tell(request, "ok", lazy("Taken back. From now on you sign on paper."))
        return see_other(request, "electronic-records")

    async def screen(self, request: Request, form: Form) -> Response[Any]:
        viewer, form = request.viewer, form.but(back=forms.back(form["back"]))
        live = await consents.live(viewer)
        said = live.wording if live else await words_of(request, form)
        return await reply(
            request, "signing/records", form=form, consent=live, may_sign=consents.may_sign(viewer),
            asked=live is None and await consents.asked(viewer, said), paragraphs=said.split("\n\n"),
        )  # fmt: skip


async def words_of(request: Request, form: Form) -> str:
    practice = await practices.practice(request.viewer)
    phone = written_phone(practice.phone) if practice.phone else ""
    return wording(practice, phone, forms.spoken(form, language.current()))


def must_sign(request: Request) -> None:
    if not consents.may_sign(request.viewer):
        raise NOT_FOR_YOU
