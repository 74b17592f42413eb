"""The practice's forms. A version that is in use is never changed again (a trigger in the migrations): what was sent
stays what it was.
"""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    BigSerial,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from portal.practice.tables import StaffMember


class FormKind(StrEnum):
    """A sheet is only read; a PDF has fields of its own."""

    SHEET = "sheet"
    PDF = "pdf"


class PracticeForm(Table, tablename="practice_form"):
    """`title` is what clients read above it, in either language; `words` say what it is for.

    What is not active is not offered to staff any more; what was shared of it stays.
    """

    id = BigSerial(primary_key=True)
    kind = Varchar(10, choices=FormKind)
    title = Varchar(120)
    title_es = Varchar(120, default="")
    words = Varchar(400, default="")
    words_es = Varchar(400, default="")
    is_signed = Boolean(default=False, help_text="clients sign it")
    is_active = Boolean(default=True)
    version = Integer(default=1, help_text="raised by whoever saves it")
    made_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    made_at = Timestamptz()


class FormVersion(Table, tablename="form_version"):
    """One file of a form, with `fields` as staff have reviewed them (`fields.py`); `…key` name stored objects.

    A draft until it is `published_at`; of a form there is one draft at most.
    """

    id = BigSerial(primary_key=True)
    form = ForeignKey(PracticeForm, on_delete=OnDelete.restrict, null=False)
    number = SmallInt()
    name = Varchar(120)
    size = Integer()
    sha256 = Bytea()
    pages = SmallInt()
    key = Varchar(60)
    thumbnail_key = Varchar(60, default="")
    preview_key = Varchar(60, default="")
    fields = JSONB(default="[]")
    made_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    made_at = Timestamptz()
    published_at = Timestamptz(default=None, null=True)


class FormPage(Table, tablename="form_page"):
    """How a page of a version looks: a JPEG in the store. It stays with its version; not every page must have one."""

    id = BigSerial(primary_key=True)
    version = ForeignKey(FormVersion, on_delete=OnDelete.restrict, null=False)
    number = SmallInt()
    key = Varchar(60)
