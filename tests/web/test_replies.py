"""One address, two answers: a page to a browser, its fragment to htmx; and nobody is sent elsewhere."""

import pytest

from portal.web.replies import local, written
from tests.factories import an_invitation, link_to
from tests.web.everything import GETS, browser_for, filled


async def test_htmx_gets_the_root_of_what_the_page_shows(cast):
    token = link_to(await an_invitation(cast.other, "new@example.com")).rpartition("/")[2]
    for path, _, words in GETS:
        address = filled(path, cast.client.id, token)
        page = await (await browser_for(cast, words)).get(address, follow=False)
        part = await (await browser_for(cast, words, htmx=True)).get(address, follow=False)
        assert part.status == page.status, path
        if page.status == 303:
            assert part.headers["location"] == page.headers["location"]
        elif page.headers["content-type"].startswith("text/html"):
            assert page.text.startswith("<!doctype html>") and page.text.rstrip().endswith("</html>"), path
            assert "<html" not in part.text and "<head" not in part.text and "<header" not in part.text, path
            root = part.soup.find(True)
            shown = page.soup.find(id=root["id"])
            assert shown is not None and shown.name == root.name, path


@pytest.mark.parametrize("headers", [{"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}])
async def test_a_boosted_and_a_restored_page_are_whole(cast, headers):
    desk = await cast.browser("front_desk", htmx=True)
    page = await desk.get("/staff/clients", **headers)
    assert page.text.startswith("<!doctype html>") and "/sign-out" in page.text


async def test_without_the_header_there_is_no_fragment_whatever_else_is_sent(cast):
    desk = await cast.browser("front_desk")
    for value in ("", "false", "TRUE ", "1"):
        page = await desk.get("/staff/clients", **{"HX-Request": value, "HX-Target": "list"})
        assert page.text.startswith("<!doctype html>")


async def test_htmx_follows_a_303_and_gets_the_fragment_behind_it(cast):
    desk = await cast.browser("front_desk", htmx=True)
    page = await desk.post(f"/staff/clients/{cast.client.id}/emails", address_kind="work", address="new@work.example")
    assert page.response.history[0].status_code == 303
    assert page.soup.find(True)["id"] == "emails" and "new@work.example" in page.words and "<html" not in page.text


async def test_a_form_with_a_mistake_comes_back_as_422_to_both(cast):
    for htmx in (False, True):
        desk = await cast.browser("front_desk", htmx=htmx)
        page = await desk.post(f"/staff/clients/{cast.client.id}/emails", address_kind="work", address="nonsense")
        assert page.status == 422 and page.errors == {"address": "Enter an e-mail address like name@example.com"}
        assert page.text.startswith("<section" if htmx else "<!doctype html>")
        assert page.soup.select_one("#errors a")["href"] == "#address" and page.soup.find(id="address")


async def test_a_notice_is_shown_once_and_only_to_its_session(cast):
    from tests.accounts.steps import NEW_PASSWORD
    from tests.factories import PASSWORD

    client, phone = await cast.browser("client"), await cast.browser("client")
    typed = {"present_password": PASSWORD, "password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    page = await client.post("/account/password", **typed)
    assert "Your password is changed." in page.words
    assert "Your password is changed." not in (await client.get("/account")).words
    assert "Your password is changed." not in (await phone.get("/")).words


async def test_signed_out_htmx_leaves_for_sign_in_and_a_browser_is_redirected(cast):
    for path in ("/staff/clients", f"/clients/{cast.client.id}"):
        page = await (await cast.browser("signed out")).get(path, follow=False)
        assert page.status == 303 and page.headers["location"].startswith("/sign-in?next=")
        part = await (await cast.browser("signed out", htmx=True)).get(path, follow=False)
        assert part.status == 401 and part.headers["hx-redirect"] == "/sign-in" and "location" not in part.headers


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/account",
        "/account?x=1&y=2#z",
        "/clients/1/a.b_c-d~e",
        "/é",
        "/%2F%2Fevil",
        "/a//b",
        "/?next=https://evil.example",
        "/@evil",
        "/:80",
    ],
)
def test_a_path_of_ours_stays(path):
    assert local(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a",
        "//a",
        "///a",
        "https://a",
        "/\\a",
        "\\/a",
        "/a\\b",
        "/\na",
        "/\ra",
        "/\ta",
        "/\0a",
        "/\x85a",
        "/\u2028a",
        "/\u200ea",
        " /a",
        "http:/a",
        "/" + "a" * 2000,
    ],
)
def test_anything_else_is_the_first_page(path):
    assert local(path) == "/"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/a?b=c&d=%20#e", "/a?b=c&d=%20#e"),
        ("/é日", "/%C3%A9%E6%97%A5"),
        ("/a\r\nSet-Cookie: b=c", "/a%0D%0ASet-Cookie:%20b=c"),
        ('/"<>\\^`{|}', "/%22%3C%3E%5C%5E%60%7B%7C%7D"),
        ("/\0\x7f", "/%00%7F"),
    ],
)
def test_a_header_says_it_in_ascii_and_on_one_line(path, said):
    assert written(path) == said
