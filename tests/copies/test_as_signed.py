"""What clients and staff really sign, by their own acts, has copies that agree with the record."""

from portal.access import Viewer
from portal.copies.actions import checking
from portal.signing.actions import deciding
from tests.copies.steps import completed
from tests.papers.steps import words_of
from tests.signing.acts import of_staff
from tests.signing.test_deciding import for_the_practice, for_them, version_of


async def test_signed_by_the_client_and_then_by_the_practice_both_copies_hold(cast, tmp_path):
    submission_id = await for_the_practice(cast)
    first = words_of(await completed(submission_id), tmp_path)
    assert "Maya Reyes" in first and "Signature for the practice" not in first
    desk, version = await of_staff(cast), await version_of(cast, submission_id)
    await deciding.accept(desk, submission_id, version, {"chart": ["HL-0042"]}, await for_them())
    second = words_of(await completed(submission_id, "accepted"), tmp_path)
    assert "HL-0042" in second and "Priya Raman" in second and "Signature for the practice" in second
    assert [one.faults async for one in checking.check(Viewer.portal("test"), [])] == [[]]
