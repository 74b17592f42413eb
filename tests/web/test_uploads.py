"""Files in a form with other fields: read where they are wanted, refused before they are read where they are not."""

import asyncio
import gc
import os
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from bs4 import BeautifulSoup
from litestar import Response, get, post
from litestar.params import FromPath

from portal import clock
from portal.access import SIGNED_IN, Permission, needs
from portal.accounts.actions import kept_post
from portal.accounts.tables import KeptPost
from portal.app import MOST_BYTES, create_app
from portal.settings import settings
from portal.web.form import Form
from portal.web.replies import picture
from portal.web.request import MOST_UPLOADED, Request, Upload
from portal.web.templates import environment
from tests.browser import Page
from tests.factories import PASSWORD
from tests.uploads.pictures import a_photo
from tests.web.everything import Elsewhere

HEARD: list[tuple[Form, dict[str, Upload], dict[str, bytes]]] = []
PHOTO = a_photo()
LATER = {"minutes": 16}
LINE = b"\r\n"


async def listen(request: Request) -> Response[str]:
    form, uploads = await request.typed(), await request.uploads()
    HEARD.append((form, uploads, {name: await one.read() for name, one in uploads.items()}))
    return Response("heard", media_type="text/plain", status_code=200)


@post("/test/large", opt=SIGNED_IN, request_max_body_size=MOST_UPLOADED)
async def large(request: Request) -> Response[str]:
    return await listen(request)


@post("/test/small", opt=SIGNED_IN)
async def small(request: Request) -> Response[str]:
    return await listen(request)


@post("/test/desk", opt=needs(Permission.CLIENT_ADD), request_max_body_size=MOST_UPLOADED)
async def desk_only(request: Request) -> Response[str]:
    return await listen(request)


@get("/test/photos/{number:int}", opt=SIGNED_IN)
async def shown(request: Request, number: FromPath[int]) -> Response[bytes]:
    return picture(request, PHOTO * number)


@pytest.fixture(scope="module")
def portal() -> Any:
    made = create_app()
    for route in (large, small, desk_only, shown):
        made.register(route)
    return made


@pytest.fixture
async def maya(cast, portal):
    HEARD.clear()
    async with Elsewhere(portal) as browser:
        yield await browser.signed_in(cast.accounts["client"].id)


def heard() -> tuple[Form, dict[str, Upload], dict[str, bytes]]:
    assert len(HEARD) == 1
    return HEARD[0]


def multipart(*parts: tuple[str, bytes], end: bytes = b"--line--\r\n") -> dict[str, Any]:
    """Parts as (what stands behind `form-data; `, content)."""
    body = b"".join(
        b"--line\r\nContent-Disposition: form-data; " + head.encode() + LINE * 2 + content + LINE
        for head, content in parts
    )
    return {"content": body + end, "headers": {"Content-Type": "multipart/form-data; boundary=line"}}


async def sent(browser: Elsewhere, path: str, told: dict[str, Any]) -> Page:
    headers = {"Origin": settings().origin, "X-CSRF-Token": browser.token, **told["headers"]}
    return Page(await browser.http.post(path, content=told["content"], headers=headers))


# What a handler hears ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 5_000, 3_000_000])
async def test_files_and_fields_come_apart(maya, size):
    content = os.urandom(size)
    page = await maya.post(
        "/test/large", files={"front": ("card.jpg", content)}, payer="Acme\r\nHealth", rank=["1", "2"]
    )
    form, uploads, read = heard()
    assert page.status == 200 and read == {"front": content} and uploads["front"].filename == "card.jpg"
    assert dict(form.typed) == {"payer": ["Acme\nHealth"], "rank": ["1", "2"]}


async def test_a_file_may_be_read_twice_and_in_part(maya):
    @post("/test/twice", opt=SIGNED_IN)
    async def twice(request: Request) -> None:
        front = (await request.uploads())["front"]
        assert await front.read() == await front.read() == PHOTO
        assert await front.read(most=10) == PHOTO[:10]

    portal = create_app()
    portal.register(twice)
    async with Elsewhere(portal) as browser:
        browser.http.cookies = maya.http.cookies
        assert (await browser.post("/test/twice", files={"front": ("card.jpg", PHOTO)})).status == 201


async def test_a_field_in_which_nothing_was_chosen_is_not_there(maya):
    told = multipart(
        ('name="front"; filename=""\r\nContent-Type: application/octet-stream', b""), ('name="payer"', b"Acme")
    )
    assert (await sent(maya, "/test/large", told)).status == 200
    form, uploads, _ = heard()
    assert uploads == {} and form["payer"] == "Acme" and form["front"] == ""


async def test_of_several_files_under_one_name_the_last_counts(maya):
    told = multipart(('name="front"; filename="a.jpg"', b"one"), ('name="front"; filename="b.jpg"', b"two"))
    await sent(maya, "/test/large", told)
    assert heard()[1]["front"].filename == "b.jpg" and heard()[2] == {"front": b"two"}


async def test_a_form_without_files_has_none(maya):
    assert (await maya.post("/test/large", payer="Acme")).status == 200
    assert heard()[0]["payer"] == "Acme" and heard()[1] == {}


@pytest.mark.parametrize(
    ("told", "filename"),
    [
        ("card.jpg", "card.jpg"),
        ("../../../etc/passwd", "passwd"),
        ("C:\\Users\\Maya\\card front.jpg", "card front.jpg"),
        ("foto del carné ñ 日.jpg", "foto del carné ñ 日.jpg"),
        ("card\u202egpj.exe", "cardgpj.exe"),
        ("a\tb\x1b[31m\x7f.jpg", "a b [31m .jpg"),
        ("x" * 900 + ".jpg", "x" * 116 + ".jpg"),
        ("../", ""),
        ("<script>alert(1)<script>", "<script>alert(1)<script>"),
    ],
)
async def test_a_name_is_the_last_part_of_it_and_what_can_be_seen(maya, told, filename):
    page = await sent(maya, "/test/large", multipart((f'name="front"; filename="{told}"', b"x")))
    assert page.status == 200 and heard()[1]["front"].filename == filename


@pytest.mark.parametrize(
    "told",
    [
        {"content": b"", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"no form", "headers": {"Content-Type": "multipart/form-data; boundary=line"}},
        multipart(('name="front"; filename="card.jpg"', b"cut"), end=b""),
        multipart(('name="front"; filename="card.jpg"\r\nContent-Type: \xff\xfe', b"x"), end=b"--li"),
        multipart(*[(f'name="f{number}"; filename="x"', b"") for number in range(1_100)]),
        multipart(('name="payer"\r\nContent-Type: text/plain; charset=none-such', b"x")),
    ],
    ids=["no boundary", "no parts", "cut off", "strange", "too many", "unknown letters"],
)
async def test_what_is_no_form_is_said_as_a_page(maya, told):
    page = await sent(maya, "/test/large", told)
    assert (page.status, page.heading) == (400, "We could not use what was sent") and HEARD == []


# How much ------------------------------------------------------------------------------------------------------------


async def test_a_route_that_takes_files_takes_25_megabytes_and_no_more(maya):
    page = await maya.post("/test/large", files={"front": ("card.jpg", b"x" * (MOST_UPLOADED - 2_000))})
    assert page.status == 200
    page = await maya.post("/test/large", files={"front": ("card.jpg", b"x" * MOST_UPLOADED)})
    assert (page.status, page.heading) == (413, "That file is too large") and len(HEARD) == 1


async def test_every_other_route_takes_as_little_as_before(maya):
    assert (await maya.post("/test/small", files={"front": ("card.jpg", b"x" * 500_000)})).status == 200
    page = await maya.post("/test/small", files={"front": ("card.jpg", b"x" * MOST_BYTES)})
    assert (page.status, page.heading) == (413, "That file is too large") and len(HEARD) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_over_the_wire_the_page_arrives_although_the_browser_is_still_sending(maya, portal):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(portal, lifespan="off", log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve([listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            fits = await over_the_wire(listening, maya, 12_000_000, chunked=False)
            told = await over_the_wire(listening, maya, MOST_UPLOADED + 2_000_000, chunked=False)
            found = await over_the_wire(listening, maya, MOST_UPLOADED + 2_000_000, chunked=True)
        finally:
            server.should_exit = True
            await serving
            gc.collect()  # the framework lets go of the file that it was writing, and says so in whichever test is next
    assert fits.startswith(b"HTTP/1.1 200") and len(heard()[2]["front"]) == 12_000_000
    assert all(one.startswith(b"HTTP/1.1 413") and b"That file is too large" in one for one in (told, found))


async def over_the_wire(listening: socket.socket, browser: Elsewhere, size: int, *, chunked: bool) -> bytes:
    head = b'--line\r\nContent-Disposition: form-data; name="front"; filename="card.jpg"\r\n\r\n'
    tail = b"\r\n--line--\r\n"
    length = len(head) + size + len(tail)
    lines = [
        "POST /test/large HTTP/1.1", "Host: portal.test", "Connection: close",
        "Content-Type: multipart/form-data; boundary=line", f"X-CSRF-Token: {browser.token}",
        f"Cookie: portal-session={browser.http.cookies['portal-session']}",
        "Transfer-Encoding: chunked" if chunked else f"Content-Length: {length}",
    ]  # fmt: skip
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    try:
        writer.write("\r\n".join(lines).encode() + LINE * 2)
        for portion in (head, *[b"x" * 1_000_000] * (size // 1_000_000), b"x" * (size % 1_000_000), tail):
            writer.write(b"%x\r\n%s\r\n" % (len(portion), portion) if chunked else portion)
            await writer.drain()
        writer.write(b"0\r\n\r\n" if chunked else b"")
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()


# Who may -------------------------------------------------------------------------------------------------------------


async def asked_for(portal: Any, path: str, *headers: tuple[str, str]) -> tuple[int, bool]:
    """(status, whether a single byte of the body was asked for) of somebody who announces 20 megabytes."""
    answered, was_read = 0, False

    async def receive() -> dict[str, Any]:
        nonlocal was_read
        was_read = True
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal answered
        answered = message.get("status", answered)

    told = [("host", "portal.test"), ("content-type", "multipart/form-data; boundary=line"), *headers]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("203.0.113.9", 1),
        "server": ("portal.test", 80), "extensions": {},
        "headers": [(name.encode(), value.encode()) for name, value in (*told, ("content-length", "20000000"))],
    }  # fmt: skip
    await portal(scope, receive, send)
    return answered, was_read


async def test_nobody_unknown_makes_us_read_a_file(cast, portal):
    start = ("cookie", "portal-session=nobodys; portal-start=secret")
    for path in ("/test/large", "/test/desk", "/test/small", "/staff/clients"):
        assert await asked_for(portal, path) == (303, False)
        assert await asked_for(portal, path, start) == (303, False)
        assert (await asked_for(portal, path, start, ("hx-request", "true"))) == (401, False)


async def test_nor_anybody_who_may_not_or_comes_from_elsewhere(maya, portal):
    session = ("cookie", f"portal-session={maya.http.cookies['portal-session']}")
    assert await asked_for(portal, "/test/desk", session) == (404, False)
    assert await asked_for(portal, "/test/large", session, ("origin", "http://evil.example")) == (403, False)
    assert await asked_for(portal, "/test/large", session, ("sec-fetch-site", "cross-site")) == (403, False)
    assert HEARD == []


async def test_whoever_goes_away_while_sending_is_no_disaster(maya, portal, caplog):
    session = ("cookie", f"portal-session={maya.http.cookies['portal-session']}")
    assert await asked_for(portal, "/test/large", session) == (400, True)
    assert await asked_for(portal, "/test/large", session, ("x-csrf-token", maya.token)) == (400, True)
    assert not [record for record in caplog.records if record.levelname == "ERROR"] and HEARD == []


async def test_the_token_may_stand_in_the_form_or_in_a_header(maya):
    files = {"front": ("card.jpg", PHOTO)}
    assert (await maya.post("/test/large", files=files)).status == 200
    header = {"X-CSRF-Token": maya.token}
    assert (await maya.post("/test/large", files=files, token="stale", headers=header)).status == 200
    told = multipart(('name="_csrf_token"; filename="token"', maya.token.encode()))
    told["headers"]["Origin"] = settings().origin
    page = Page(await maya.http.post("/test/large", **told))
    assert page.status == 419 and len(HEARD) == 2


async def test_with_an_old_token_the_words_come_back_and_the_file_does_not(maya):
    page = await maya.post("/test/large", token="stale", files={"front": ("card.jpg", PHOTO)}, payer="Acme Health")
    assert page.status == 419 and page.value("payer") == "Acme Health"
    assert "Files and passwords are not kept." in page.words and "card.jpg" not in page.text and HEARD == []


async def test_no_file_stays_open(maya):
    await maya.post("/test/large", files={"front": ("card.jpg", b"x" * 2_000_000)})
    assert heard()[1]["front"].file.file.closed


# A session that has ended meanwhile ----------------------------------------------------------------------------------


async def back_in(browser: Elsewhere, page: Page) -> Page:
    assert urlsplit(page.path).path == "/sign-in"
    return await browser.press(page, "/sign-in", email="maya@example.com", password=PASSWORD)


NOT_KEPT = "Files are not kept. Send this first, then open the form again and choose them once more."


@pytest.mark.parametrize("size", [len(PHOTO), 8_000_000])
async def test_words_are_kept_files_are_not_and_the_page_says_so(maya, size):
    content = PHOTO.ljust(size, b"\0")
    with clock.shifted(**LATER):
        page = await maya.post("/test/large", files={"front": ("card.jpg", content)}, payer="Acme", front="7")
        page = await back_in(maya, page)
        assert page.path == "/account/kept-post" and NOT_KEPT in page.words
        assert page.value("payer") == "Acme" and page.value("front") == "7" and "card.jpg" not in page.text
        page = await maya.press(page, "/account/kept-post/1", _decision="send")
    assert page.text == "heard"
    form, uploads, _ = heard()
    assert (form["payer"], form["front"], uploads) == ("Acme", "7", {})


async def test_of_a_form_without_files_nothing_is_said_of_files(maya):
    with clock.shifted(**LATER):
        page = await back_in(maya, await maya.post("/test/large", payer="Acme"))
        assert page.path == "/account/kept-post" and "Files are not kept" not in page.words
        told = multipart(('name="front"; filename=""', b""), ('name="payer"', b"Acme"))
    with clock.shifted(minutes=40):
        page = Page(await maya.http.post("/test/large", **told, follow_redirects=True))
        page = await back_in(maya, page)
        assert page.value("payer") == "Acme" and "Files are not kept" not in page.words


async def test_what_an_older_portal_kept_is_given_back_as_well(maya, cast):
    import json

    from portal import keys

    account = cast.accounts["client"].id
    plain = json.dumps({"action": "/test/large", "fields": [["payer", "Acme"]]}).encode()
    await KeptPost(account=account, sealed=keys.seal("kept post", plain, str(account)), kept_at=clock.now()).save()
    page = await maya.get("/account/kept-post")
    assert page.value("payer") == "Acme" and "Files are not kept" not in page.words


@pytest.mark.parametrize(
    ("path", "size"), [("/test/large", MOST_UPLOADED), ("/test/small", MOST_BYTES), ("/test/large", 2 * MOST_UPLOADED)]
)
async def test_what_the_route_would_not_take_is_not_read_for_keeping_either(maya, path, size):
    with clock.shifted(**LATER):
        page = await maya.post(path, files={"front": ("card.jpg", b"x" * size)}, payer="Acme", follow=False)
    assert page.status == 303 and "kept-post" not in page.headers["location"] and await KeptPost.count() == 0


async def test_words_that_are_too_many_are_not_kept_because_they_came_with_a_file(maya):
    with clock.shifted(**LATER):
        files, words = {"front": ("card.jpg", PHOTO)}, "x" * (kept_post.MOST_BYTES + 1)
        page = await maya.post("/test/large", files=files, payer=words, follow=False)
    assert "kept-post" not in page.headers["location"] and await KeptPost.count() == 0


async def test_files_alone_are_nothing_to_keep(maya):
    told = multipart(('name="front"; filename="card.jpg"', PHOTO))
    with clock.shifted(**LATER):
        page = Page(await maya.http.post("/test/large", **told))
    assert page.status == 303 and "kept-post" not in page.headers["location"]


# The answer and the field --------------------------------------------------------------------------------------------


async def test_a_photo_is_answered_as_a_picture_and_as_nothing_else(maya):
    answer = await maya.http.get("/test/photos/1", headers={"Accept-Encoding": "gzip"})
    assert answer.content == PHOTO and "content-encoding" not in answer.headers
    told = {name: answer.headers[name] for name in ("content-type", "content-disposition", "cache-control")}
    assert told == {
        "content-type": "image/jpeg", "content-disposition": 'inline; filename="card.jpg"', "cache-control": "no-store",
    }  # fmt: skip
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy and "script-src" not in policy


def field(form: Form, url: str = "") -> BeautifulSoup:
    use = '{% from "components/form.html" import photo with context %}'
    source = use + '{{ photo(form, "front", "Front of the card", url) }}'
    return BeautifulSoup(environment().from_string(source).render(form=form, url=url), "html.parser")


def test_an_empty_field_asks_for_a_photo_and_shows_none():
    soup = field(Form())
    asked = soup.select_one("input[type=file]")
    assert (asked["id"], asked["name"], asked["accept"]) == (
        "front",
        "front_file",
        "image/jpeg,image/png,image/webp,image/heic,image/heif",
    )
    assert not asked.has_attr("capture") and soup.select_one("label[for=front]").get_text() == "Front of the card"
    assert soup.select_one("input[type=hidden]")["value"] == "" and not soup.select("img, input[type=checkbox]")


def test_a_photo_that_is_kept_stays_by_its_id_can_be_seen_and_taken_away():
    soup = field(Form.of(front=7), "/clients/1/photos/7")
    assert (soup.select_one("input[type=hidden]")["name"], soup.select_one("input[type=hidden]")["value"]) == (
        "front",
        "7",
    )
    assert soup.select_one("a")["href"] == soup.select_one("a img")["src"] == "/clients/1/photos/7"
    assert "Front of the card" in soup.select_one("img")["alt"]
    assert soup.select_one("input[type=checkbox]")["name"] == "front_gone"
    assert not soup.select_one("input[type=checkbox]").has_attr("checked")


def test_a_refused_photo_has_its_sentence_beside_it():
    soup = field(Form({"front": ["7"]}, {"front": "Choose a photo as JPEG, PNG or HEIC"}), "/7")
    asked = soup.select_one("input[type=file]")
    assert asked["aria-describedby"] == "front-error" and asked["aria-invalid"] == "true"
    assert "Choose a photo as JPEG, PNG or HEIC" in soup.select_one("#front-error").get_text()
    assert soup.select_one("input[type=hidden]")["value"] == "7"
