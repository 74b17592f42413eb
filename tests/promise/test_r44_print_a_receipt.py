"""R44: what was paid just now is printed from its own page, on one clean sheet, also without scripts."""

import re

import pytest

from tests.promise.paying import press_pay, review_new, rosa
from tests.promise.test_r44_print_a_message import looks_like_a_page, picture_of, words_of

UNPRINTED = "Sign out|Privacy|Get a PDF|Back to|Print this page|on its way|Receipt for printing|My Account"


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_the_confirmation_is_a_receipt_on_paper(portal, opened, tmp_path, scripts):
    page = rosa(opened(scripts=scripts), portal)
    review_new(page, "23", scripts=scripts)
    press_pay(page, scripts=scripts)
    page.get_by_role("heading", name="Thank you. You have paid $23.00.").wait_for()
    page.emulate_media(media="print")
    file = tmp_path / "receipt.pdf"
    page.pdf(path=file, format="Letter")
    said = words_of(file)
    assert not re.search(UNPRINTED, said), said
    assert re.search(r"Receipt \d+", said) and "Harbor Lane Counseling" in said and "Rosa Delgado" in said
    assert "$23.00" in said and "Counseling, 15 minutes" in said and "4242" in said
    assert said.count("\f") == 1, "one sheet"
    looks_like_a_page(picture_of(file))
