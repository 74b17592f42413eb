"""What staff say of a form, and of each of its fields."""

from collections.abc import Sequence
from dataclasses import replace

from portal.language import lazy
from portal.library import fields
from portal.library.actions.adding import Words
from portal.library.fields import By, Field, Kind
from portal.web.form import Form, Reader

MOST_TITLE, MOST_WORDS = 120, 400
ORDER = ("title", "title_es", "words", "words_es", "is_signed", "file")
BY = {By.CLIENT: lazy("Clients"), By.PRACTICE: lazy("The practice"), By.NOBODY: lazy("Nobody: it stays empty")}
ASKS = {
    Kind.TEXT: lazy("For words"),
    Kind.DATE: lazy("For a date"),
    Kind.SIGNATURE: lazy("For a signature"),
    Kind.INITIALS: lazy("For initials"),
}
KINDS = {
    Kind.TEXT: lazy("One line"),
    Kind.MULTILINE: lazy("Several lines"),
    Kind.DATE: lazy("A date"),
    Kind.CHOICE: lazy("One of a list"),
    Kind.LIST: lazy("Of a list"),
    Kind.CHECK: lazy("A box to tick"),
    Kind.RADIO: lazy("One of several"),
    Kind.SIGNATURE: lazy("A signature"),
    Kind.INITIALS: lazy("Initials"),
}
OF_A_FIELD = ("label", "help", "kind", "by", "required")
WAYS = {"up": -1, "down": 1}


def words(form: Form) -> Words:
    """Raises `Refused` at every fault."""
    reader = Reader(form)
    found = Words(
        title=reader.text("title", most=MOST_TITLE, missing=lazy("Enter a title: clients read it above the form")),
        title_es=reader.text("title_es", most=MOST_TITLE),
        words=reader.text("words", most=MOST_WORDS),
        words_es=reader.text("words_es", most=MOST_WORDS),
        is_signed=form["is_signed"] == "yes",
    )
    reader.finish(ORDER)
    return found


def opened(found: Sequence[Field]) -> Form:
    """Every field of a form by its place."""
    told: dict[str, object] = {}
    for place, one in enumerate(found):
        told |= {f"label-{place}": one.label, f"help-{place}": one.help, f"by-{place}": one.by}
        told |= {f"kind-{place}": one.kind, f"required-{place}": "yes" if one.required else ""}
    return Form.of(**told)


def rearranged(form: Form, found: Sequence[Field]) -> Form:
    """What was typed, beside the fields as they stand now: by name, since their order may have changed."""
    places = {form[f"name-{place}"]: place for place in range(len(found)) if form[f"name-{place}"]}
    told = {name: list(values) for name, values in opened(found).typed.items()}
    for place, one in enumerate(found):
        if one.name in places:
            for name in OF_A_FIELD:
                told[f"{name}-{place}"] = list(form.all(f"{name}-{places[one.name]}"))
    return Form(told)


def reviewed(form: Form, found: Sequence[Field]) -> list[Field]:
    """What was typed of each. Raises `Refused` at every fault."""
    reader = Reader(form)
    told = [_reviewed(reader, place, one) for place, one in enumerate(found)]
    reader.finish([f"{name}-{place}" for place in range(len(found)) for name in ("label", "help", "kind", "by")])
    return told


def _reviewed(reader: Reader, place: int, one: Field) -> Field:
    label = reader.text(f"label-{place}", most=fields.LONGEST_LABEL, missing=lazy("Say what is to be filled in here"))
    hint = reader.text(f"help-{place}", most=fields.LONGEST_HELP)
    by = reader.choice(f"by-{place}", tuple(By), lazy("Choose who fills this in"))
    kind = str(one.kind)
    if one.is_line:
        kind = reader.choice(f"kind-{place}", tuple(ASKS), lazy("Choose what it asks for"))
    if reader.sentences:
        return one
    is_required = by == By.CLIENT and reader.form[f"required-{place}"] == "yes"
    return replace(one, label=label, help=hint, by=By(by), kind=Kind(kind), required=is_required)


def move(act: str) -> tuple[int, int] | None:
    """(place, by) of a button such as `up-3`; of any other, nothing."""
    way, _, place = act.partition("-")
    return (int(place), WAYS[way]) if way in WAYS and place.isascii() and place.isdecimal() and len(place) < 4 else None
