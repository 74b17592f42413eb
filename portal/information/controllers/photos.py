"""Photos that come with the form: kept as soon as they are there, so that a refusal elsewhere loses none."""

from portal.clients import images
from portal.information.values import FILE, GONE
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.request import Request


async def with_photos(request: Request, client_id: int, form: Form) -> tuple[Form, dict[str, object]]:
    """The form with the ids of the photos in it, and a sentence for each file that is no photo."""
    typed, sentences = dict(form.typed), {}
    for name in form.typed:
        if name.endswith(GONE):
            typed[name.removesuffix(GONE)] = [""]
    for name, upload in (await request.uploads()).items():
        field = name.removesuffix(FILE)
        if field == name or field not in typed:
            continue
        try:
            row = await images.keep(request.viewer, client_id, await upload.read())
            typed[field] = [str(row.id)]
        except Refused as refusal:
            sentences[field] = next(iter(refusal.sentences.values()))
    return Form(typed), sentences
