"""A page of a PDF that is kept is drawn when somebody turns to it."""

from io import BytesIO

import pytest
from PIL import Image

from portal.uploads import Unfit, sheet
from tests.uploads.files import a_pdf


async def test_each_page_is_a_picture_of_its_own():
    kept = a_pdf(pages=3)
    drawn = [await sheet(kept, number) for number in (1, 2, 3)]
    sizes = {Image.open(BytesIO(one)).size for one in drawn}
    assert len(set(drawn)) == 3 and {Image.open(BytesIO(one)).format for one in drawn} == {"JPEG"}
    assert all(1600 in size for size in sizes)


@pytest.mark.parametrize(("content", "number"), [(a_pdf(pages=2), 3), (a_pdf(pages=2), 0), (b"no PDF", 1), (b"", 1)])
async def test_what_is_not_there_is_not_drawn(content, number):
    with pytest.raises(Unfit):
        await sheet(content, number)
