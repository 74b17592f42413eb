"""Why something was returned: whoever reads the log reads it in their own language, whoever decided."""

import pytest

from portal.appointments import kinds as appointments
from portal.information import kinds as information
from portal.language import speaking
from portal.review.actions import open_item, settle_items
from portal.review.kinds import reason_told
from tests.factories import TEST
from tests.information.steps import asked
from tests.review.reading import text

LOG = "/staff/review/decided"
READ = (
    (information.CHANGED, "photo", "We could not read the photo", "foto"),
    (appointments.REQUESTED, "taken", "That time is not free any more", "hora"),
    (appointments.OVERDUE, "call", "Please call us about this appointment", "cita"),
)


def lines(page) -> list[str]:
    return [text(row) for row in page.soup.select("tbody tr")]


async def test_a_common_reason_stands_in_the_log_and_on_the_desk_in_the_readers_language(cast, seat):
    sam, desk = await seat("administrator"), await seat("front_desk")
    await desk.post("/language", language="es")
    number = await asked(cast, preferred_name="May")
    at = f"/staff/information/{number}"
    await desk.press(await desk.get(at), at, decision="return", common_reason="call", reason="Before <b>noon</b>.")
    told = "Please call us about this change. Before <b>noon</b>."
    assert told in lines(await sam.get(LOG))[0] and told in (await sam.get(at)).words
    spanish = lines(await desk.get(LOG))[0]
    assert "Please call us" not in spanish and spanish.count("Before <b>noon</b>.") == 1
    found = await sam.press(await sam.get(LOG), "/search", words="reyes", kind="information.changed")
    assert told in lines(found)[0]


@pytest.mark.parametrize(("kind", "common", "english", "spanish"), READ, ids=lambda one: getattr(one, "name", ""))
async def test_each_kind_says_its_own(cast, seat, kind, common, english, spanish):
    await open_item(TEST, kind.name, 1, "/staff/nowhere", cast.client.id)
    await settle_items(TEST, [kind.name], 1, "returned", reason_told(common, "Thank you."))
    desk = await seat()
    (line,) = lines(await desk.get(LOG))
    assert english in line and line.count("Thank you.") == 1 and "common:" not in line
    await desk.post("/language", language="es")
    (line,) = lines(await desk.get(LOG))
    assert english not in line and spanish in line and "Thank you." in line


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (reason_told("", "Too blurred"), "Too blurred"),
        (reason_told("", "common:photo"), "common:photo"),
        (reason_told("", "common:\nphoto"), "common:\nphoto"),
        (reason_told("call", ""), "Please call us about this change."),
        (reason_told("call", "common:photo\nnow"), "Please call us about this change. common:photo\nnow"),
        (reason_told("gone by now", "Send it again."), "Send it again."),
        ("Please call us about this change. Before noon.", "Please call us about this change. Before noon."),
        ("", ""),
    ],
)
def test_what_was_written_stays_as_it_was_written_and_so_do_older_rows(row, said):
    assert information.CHANGED.reason(row) == said
    with speaking("es"):
        assert ("Please call" in information.CHANGED.reason(row)) == row.startswith("Please call")
