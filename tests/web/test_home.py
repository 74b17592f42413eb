"""Where signing in leads those who work here and have no screen of their own."""

from tests.cast import Cast


async def test_an_auditor_reads_on_a_staff_page_what_they_may_do(cast: Cast):
    page = await (await cast.browser("auditor")).get("/")
    assert page.status == 200 and page.path == "/" and "staff" in page.soup.body["class"]
    assert "You may read the audit on the command line" in page.words and "portal audit verify" in page.words
    assert "auditor" in page.words and "not connected to anybody" not in page.words


async def test_the_name_of_the_command_is_one_that_there_is():
    from portal.home.controllers import AUDIT
    from tasks.cli import COMMANDS, main

    name, group, command = AUDIT.split()
    assert name == "portal" and group in COMMANDS
    found = main.get_command(None, group)  # type: ignore[arg-type]
    assert command in found.commands  # type: ignore[union-attr]


async def test_who_acts_for_nobody_is_told_so_and_is_no_staff(cast: Cast):
    page = await (await cast.browser("ended")).get("/")
    assert "not connected to anybody" in page.words and "command line" not in page.words
