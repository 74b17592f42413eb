"""What a signature says, in the language of whoever signs."""

import hashlib

from portal.access import Reach
from portal.accounts.tables import GrantKind
from portal.language import gettext, lazy

BUTTON = lazy("Sign and send")
BUTTON_OF_THE_PRACTICE = lazy("Sign and accept")
# As whom somebody signs: by the kind of their grant.
RELATIONS: dict[str, object] = {
    GrantKind.SELF: lazy("for themselves"),
    GrantKind.GUARDIAN: lazy("as parent or guardian"),
    GrantKind.PROXY: lazy("as somebody who may act for the client"),
}


def intent(title: str, reach: Reach) -> str:
    """The sentence that is agreed to."""
    if reach.kind == GrantKind.GUARDIAN:
        return gettext(
            "I have read “%(title)s” and sign it electronically, as parent or guardian of %(client)s. My name is my"
            " signature, and counts as much as one on paper.",
            title=title,
            client=reach.name,
        )
    if reach.kind == GrantKind.PROXY:
        return gettext(
            "I have read “%(title)s” and sign it electronically for %(client)s, for whom I may act. My name is my"
            " signature, and counts as much as one on paper.",
            title=title,
            client=reach.name,
        )
    return gettext(
        "I have read “%(title)s” and sign it electronically. My name is my signature, and counts as much as one on"
        " paper.",
        title=title,
    )


def intent_of_the_practice(title: str, practice: str) -> str:
    return gettext(
        "I sign “%(title)s” electronically for %(practice)s. My name is my signature, and counts as much as one on"
        " paper.",
        title=title,
        practice=practice,
    )


def meant(sentence: str) -> str:
    """One word for it, which the page carries: what was agreed to is what stood there."""
    return hashlib.sha256(sentence.encode()).hexdigest()
