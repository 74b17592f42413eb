"""What somebody hears whose file cannot be kept, and can do about it."""

from portal.language import lazy
from portal.workshop import HEIC, HEIC_PHOTO, JPEG, MARK, PHOTO, PNG


class Unfit(Exception):
    """Nothing that can be kept. `sentence` says what to do."""

    def __init__(self, sentence: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence


EMPTY = lazy("This file is empty: choose another one")
TOO_LARGE = lazy("Choose a file of 10 MB or less")
TOO_LARGE_A_PHOTO = lazy("Choose a photo of 12 MB or less, or take it again at a smaller size")
NO_KIND = lazy("Choose a PDF, a photo (JPEG, PNG or HEIC), a text file (TXT) or a Word file (DOCX)")
NOT_A_PDF = lazy("Choose a PDF: anything else can be saved or printed as one")
NO_ENDING = lazy("Give the file a name that ends in .pdf, .jpg, .png, .heic, .txt or .docx, and choose it again")
ANOTHER_KIND = lazy("This file is not what its name says: choose the original, or save it again as a PDF")

VIRUS = lazy("A virus was found in this file: it was not kept")
NOT_CHECKED = lazy("Files cannot be checked for viruses just now: try again in a few minutes")
DAMAGED = lazy("This file is damaged or did not arrive whole: choose it again, or save it as a new PDF")
DAMAGED_PHOTO = lazy("This photo is damaged or did not arrive whole: choose it again, or take a new one")

NO_MARK = lazy("Draw your signature in the box, or type your name only")
BROKEN_MARK = lazy("The drawing did not arrive whole: clear the box and draw your signature once more")

OF_THE_WORKSHOP = {
    "damaged": DAMAGED,
    "damaged_photo": DAMAGED_PHOTO,
    "no_photo": lazy("Choose a photo as JPEG, PNG or HEIC"),
    "too_many_pixels": lazy("Choose a smaller photo, or take it again at a smaller size"),
    "no_text": lazy("This is more than plain text: save it as a PDF, and choose that"),
    "no_word": lazy("This Word file cannot be kept as it is: save it as a PDF, and choose that"),
    "macros": lazy("This Word file has macros or other programs in it: save it as a PDF, and choose that"),
    "locked": lazy("This PDF is locked with a password: save it without the password, and choose it again"),
    "too_many_pages": lazy("Choose a PDF of 300 pages or fewer, or send it in parts"),
    "no_form": lazy("This form opens in one program only: print it to a new PDF, and choose that"),
    "signed": lazy("This PDF is signed already, and filling it in would break that: choose the blank form"),
    "too_many_pages_of_a_form": lazy("Choose a PDF of 40 pages or fewer, or make two forms of it"),
    "too_many_fields": lazy("This form has more than 400 fields: make two forms of it"),
    "too_much": lazy("There is too much in this file: print it to a new PDF, and choose that"),
}


def sentence_of(code: str, job: str) -> object:
    """For a photo, `damaged` and `too_much` are said in other words, and so is everything for a signature."""
    if job == MARK:
        return NO_MARK if code == "no_mark" else BROKEN_MARK
    if job in (PHOTO, HEIC_PHOTO, JPEG, PNG, HEIC):
        code = {"damaged": "damaged_photo", "too_much": "too_many_pixels"}.get(code, code)
    return OF_THE_WORKSHOP.get(code, DAMAGED)
