"""The files of messages: to save, and to look at."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from portal.access import SIGNED_IN, Area, NotFoundException, Permission, acts_for, needs
from portal.messages.queries import files
from portal.messages.queries.files import Kept
from portal.web.replies import NOTHING, ONLY_A_PICTURE, note_reading, reply, saved_as
from portal.web.request import Request


class FilesController(Controller):
    path = "/clients/{client_id:int}/messages/{thread_id:int}/files/{attachment_id:int}"
    opt = acts_for(Area.MESSAGES)

    @get(name="message-file")
    async def show(
        self, request: Request, client_id: FromPath[int], thread_id: FromPath[int], attachment_id: FromPath[int]
    ) -> Response[Any]:
        return await download(request, await files.of_client(request.viewer, client_id, thread_id, attachment_id))

    @get("/thumbnail", name="message-file-thumbnail", opt={"background": True})
    async def thumbnail(
        self, request: Request, client_id: FromPath[int], thread_id: FromPath[int], attachment_id: FromPath[int]
    ) -> Response[Any]:
        file = await files.of_client(request.viewer, client_id, thread_id, attachment_id)
        return await picture(request, file.thumbnail_key, "image/jpeg")

    @get("/picture", name="message-file-picture", opt={"background": True})
    async def picture(
        self, request: Request, client_id: FromPath[int], thread_id: FromPath[int], attachment_id: FromPath[int]
    ) -> Response[Any]:
        file = await files.of_client(request.viewer, client_id, thread_id, attachment_id)
        return await picture(request, file.picture_key, file.picture_type)

    @get("/preview", name="message-file-preview")
    async def preview(
        self, request: Request, client_id: FromPath[int], thread_id: FromPath[int], attachment_id: FromPath[int]
    ) -> Response[Any]:
        file = must_be_seen(await files.of_client(request.viewer, client_id, thread_id, attachment_id))
        at = {"client_id": client_id, "thread_id": thread_id, "attachment_id": attachment_id}
        thread = f"/clients/{client_id}/messages/{thread_id}"
        return await reply(
            request, "messages/file", about=client_id, client_id=client_id, file=file, at=at, thread=thread
        )


class StaffFilesController(Controller):
    path = "/staff/messages/{thread_id:int}/files/{attachment_id:int}"
    opt = needs(Permission.MESSAGE_READ)

    @get(name="staff-message-file")
    async def show(self, request: Request, thread_id: FromPath[int], attachment_id: FromPath[int]) -> Response[Any]:
        return await download(request, await files.of_staff(request.viewer, thread_id, attachment_id))

    @get("/thumbnail", name="staff-message-file-thumbnail", opt={"background": True})
    async def thumbnail(
        self, request: Request, thread_id: FromPath[int], attachment_id: FromPath[int]
    ) -> Response[Any]:
        file = await files.of_staff(request.viewer, thread_id, attachment_id)
        return await picture(request, file.thumbnail_key, "image/jpeg")

    @get("/picture", name="staff-message-file-picture", opt={"background": True})
    async def picture(self, request: Request, thread_id: FromPath[int], attachment_id: FromPath[int]) -> Response[Any]:
        file = await files.of_staff(request.viewer, thread_id, attachment_id)
        return await picture(request, file.picture_key, file.picture_type)

    @get("/preview", name="staff-message-file-preview")
    async def preview(self, request: Request, thread_id: FromPath[int], attachment_id: FromPath[int]) -> Response[Any]:
        file = must_be_seen(await files.of_staff(request.viewer, thread_id, attachment_id))
        at = {"thread_id": thread_id, "attachment_id": attachment_id}
        thread = f"/staff/messages/{thread_id}"
        return await reply(request, "messages/file", about=file.client_id, file=file, at=at, thread=thread)


class DraftFileController(Controller):
    path = "/message-drafts/files/{attachment_id:int}"
    opt = SIGNED_IN

    @get(name="draft-file")
    async def show(self, request: Request, attachment_id: FromPath[int]) -> Response[Any]:
        return await download(request, await files.of_draft(request.viewer, attachment_id))


async def download(request: Request, file: Kept) -> Response[Any]:
    """Never shown by the browser within our pages: saved, or opened with nothing allowed."""
    content = await files.content(request.viewer, file.key)
    await note_reading(request, file.client_id, "messages/download")
    headers = {
        "Content-Disposition": saved_as(file.name),
        "Content-Length": str(file.size),
        "Content-Security-Policy": NOTHING,
    }
    return Stream(content, media_type=file.media_type, headers=headers)


async def picture(request: Request, key: str, media_type: str) -> Response[Any]:
    if not key:
        raise NotFoundException
    headers = {"Content-Disposition": "inline", "Content-Security-Policy": ONLY_A_PICTURE}
    return Stream(await files.content(request.viewer, key), media_type=media_type, headers=headers)


def must_be_seen(file: Kept) -> Kept:
    if not file.picture_key:
        raise NotFoundException
    return file
