"""Pages are compressed; what is secret in them is masked anew each time, so that their length tells nothing."""

import re

import pytest


def tokens(text: str) -> list[str]:
    return re.findall(r'name="_csrf_token" value="([^"]+)"', text)


async def test_a_page_is_compressed_for_who_takes_it_and_says_that_it_depends(cast):
    desk = await cast.browser("front_desk")
    answer = await desk.http.get("/staff/clients", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip" and answer.text.startswith("<!doctype html>")
    assert {one.strip().lower() for one in answer.headers["vary"].split(",")} == {"accept-encoding", "hx-request"}
    plain = await desk.http.get("/staff/clients", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert int(answer.headers["content-length"]) < len(plain.content) / 2


@pytest.mark.parametrize("path", ["/sign-in", "/staff/clients", "/staff/clients/new", "/nothing"])
async def test_two_answers_never_carry_the_same_token_and_each_is_good(cast, path):
    desk = await cast.browser("front_desk" if path != "/sign-in" else "signed out")
    seen = [tokens((await desk.http.get(path, headers={"Accept-Encoding": "gzip"})).text) for _ in range(5)]
    assert all(seen) and len({one[0] for one in seen}) == 5
    assert not set(seen[0]) & set(seen[1])
    if path == "/staff/clients":
        for one in seen:
            assert (await desk.post("/session", token=one[0])).status == 204


async def test_no_part_of_the_token_repeats_from_page_to_page(cast):
    """The mask covers all of it: there is nothing that a guess in the address could match."""
    desk = await cast.browser("front_desk")
    seen = [tokens((await desk.get("/staff/clients")).text)[0] for _ in range(30)]
    columns = [{token[place] for token in seen} for place in range(85)]
    assert min(len(column) for column in columns) > 5


async def test_the_session_itself_stands_in_no_page(cast):
    desk = await cast.browser("front_desk")
    for path in ("/staff/clients", "/account", "/help", "/nothing"):
        assert desk.http.cookies["portal-session"] not in (await desk.get(path)).text


async def test_a_short_answer_is_not_compressed(nobody):
    answer = await nobody.http.get("/health", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers and answer.text == "ok"
