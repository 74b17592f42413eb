"""An estimate as staff fill it in, and what a client asks the cost of."""

import re
import secrets
from collections.abc import Mapping
from datetime import date

from portal import money
from portal.appointments.tables import Repeat
from portal.estimates.drafts import MOST_ITEMS, MOST_VISITS, EstimateDraft, ItemDraft
from portal.estimates.tables import How
from portal.language import lazy
from portal.web.form import Form, Reader
from portal.web.typed import Input

ADDRESSES = r"/clients/\d+/account/estimates"
PARTS = ("service", "clinician", "site", "quantity", "charge")
CHOSEN = ("clinician", "site")
DIAGNOSIS = re.compile(r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?")
MOST_DIAGNOSES, MOST_WORDS, MOST_SEPARATE, MOST_ASKED = 12, 200, 1000, 500
ORDER = ("words", "first", "last", "visits", "every")
EVERY: dict[str, object] = {
    Repeat.WEEKLY: lazy("Every week"),
    Repeat.BIWEEKLY: lazy("Every two weeks"),
    Repeat.FOUR_WEEKS: lazy("Every four weeks"),
    Repeat.MONTHLY: lazy("Every month"),
}
HOW: dict[str, object] = {
    How.PORTAL: lazy("In the portal; a letter says that something waits there"),
    How.PAPER: lazy("On paper, by hand"),
    How.MAIL: lazy("On paper, by mail"),
}


def compact(form: Form) -> Form:
    """Rows in which something stands move up, so that each has the number under which it is read."""
    rows = min(form.number("rows") or 1, MOST_ITEMS)
    filled = [
        at for at in range(1, rows + 1) if any(form[f"item{at}.{part}"].strip() for part in set(PARTS) - set(CHOSEN))
    ]
    kept = {name: values for name, values in form.typed.items() if not name.startswith("item")}
    for place, at in enumerate(filled, 1):
        kept |= {f"item{place}.{part}": form.all(f"item{at}.{part}") for part in PARTS}
    return Form({**kept, "rows": (str(max(len(filled), 1)),)}, form.errors)


def one_more(form: Form) -> Form:
    """With another row below, for the same clinician at the same place."""
    rows = form.number("rows") or 1
    place = min(rows + 1, MOST_ITEMS)
    told = {f"item{place}.{part}": form.all(f"item{rows}.{part}") for part in CHOSEN}
    return Form({**told, **form.typed, "rows": (str(place),)})


def read(form: Form, names: Mapping[str, str]) -> EstimateDraft:
    """Of a compact form. Raises `Refused` beside each field; `names` are the words of diagnoses."""
    reader = Reader(form)
    words = reader.text("words", most=MOST_WORDS, missing=lazy("Say in plain words what the visit is for"))
    first, last = _day(reader, "first"), _day(reader, "last")
    visits = form.number("visits") or 0
    if not 1 <= visits <= MOST_VISITS:
        reader.refuse("visits", lazy("Enter a number of visits from 1 to %(most)s", most=MOST_VISITS))
    if form["every"] and form["every"] not in EVERY:
        reader.refuse("every", lazy("Choose how often"))
    items = [_item(reader, place) for place in range(1, (form.number("rows") or 1) + 1)]
    diagnoses = _diagnoses(reader, names)
    separate = reader.lines("separate", most=MOST_SEPARATE)
    how = reader.choice("given_how", list(How), lazy("Choose how the client gets it"))
    if not form["key"].strip():
        reader.refuse("", lazy("Open this page again, please"))
    reader.finish(("", *ORDER))
    assert first is not None and last is not None
    return EstimateDraft(
        words=words, items=tuple(one for one in items if one), first_day=first, last_day=last, visits=visits,
        every=form["every"] if visits > 1 else "", diagnoses=diagnoses, separate=separate, given_how=how,
        key=form["key"][:60], appointment_id=form.number("appointment"), replaces=form.number("replaces"),
        answers=tuple(int(one) for one in form.all("answers") if one.isascii() and one.isdecimal() and len(one) < 10),
    )  # fmt: skip


def codes(form: Form) -> list[str]:
    return [line.split()[0].upper() for line in form["diagnoses"].splitlines() if line.strip()][:MOST_DIAGNOSES]


def asked(form: Form) -> tuple[str, str]:
    """(what for, the key of the form). Raises `Refused`."""
    reader = Reader(form)
    words = reader.lines("words", most=MOST_ASKED, missing=lazy("Say what you would like to know the cost of"))
    if not form["key"].strip():
        reader.refuse("", lazy("Open this page again, please"))
    reader.finish()
    return words, form["key"][:60]


def reading(form: Form) -> dict[str, Input]:
    """Where what a client asked is given back apart from its page."""
    return {"words": Input(lazy("What for?")), "key": Input("", lambda _: "")}


def blank() -> Form:
    return Form.of(key=secrets.token_hex(16))


def _item(reader: Reader, place: int) -> ItemDraft | None:
    """A row without anything is none; what it lacks is said where it is given."""
    form = reader.form
    if not _is_filled(form, place):
        return None
    charge = None
    if typed := form[f"item{place}.charge"].strip():
        try:
            charge = money.read(typed)
        except OverflowError:
            reader.refuse(f"item{place}.charge", lazy("Enter a fee above zero, and below a million dollars"))
        except ValueError:
            reader.refuse(f"item{place}.charge", lazy("Enter an amount such as 150 or 150.00"))
    service, clinician, site, quantity = (form.number(f"item{place}.{part}") or 0 for part in PARTS[:4])
    return ItemDraft(service, clinician, site, quantity, charge)


def _is_filled(form: Form, place: int) -> bool:
    """Whom and where stand there before anybody has typed."""
    return any(form[f"item{place}.{part}"].strip() for part in PARTS if part not in CHOSEN)


def _diagnoses(reader: Reader, names: Mapping[str, str]) -> tuple[str, ...]:
    """One a line: its code, and what it is called where it is not known here."""
    found = []
    for line in reader.lines("diagnoses", most=4000).splitlines():
        code, _, words = line.partition(" ")
        if not line:
            continue
        if not DIAGNOSIS.fullmatch(code.upper()):
            reader.refuse("diagnoses", lazy("Begin each line with a code of ICD-10-CM, such as F41.1"))
            continue
        found.append(f"{code.upper()} {words.strip() or names.get(code.upper(), '')}".strip()[:300])
    if len(found) > MOST_DIAGNOSES:
        reader.refuse("diagnoses", lazy("There is room for %(most)s diagnoses", most=MOST_DIAGNOSES))
    return tuple(found)


def _day(reader: Reader, name: str) -> date | None:
    try:
        found = date.fromisoformat(reader.form[name].strip())
    except ValueError:
        found = date.min
    if not 2000 <= found.year < 2100:
        reader.refuse(name, lazy("Write the date like 2026-11-30"))
        return None
    return found
