"""The words of a message as they are found again: folded, and without what stands around them."""

import re

from portal.clients.names import LONGEST_TERM, MOST_TERMS, folded

WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    return [word[:LONGEST_TERM] for word in WORD.findall(folded(text))]


def sought(words: str) -> str:
    """A tsquery for `message.search`: each word a beginning, all of them in one message. Empty for no word at all."""
    return " & ".join(f"'{word}':*" for word in words_of(words[:200])[:MOST_TERMS])


def is_found(text: str, words: str) -> bool:
    """The same for a subject."""
    there, asked = words_of(text), words_of(words[:200])[:MOST_TERMS]
    return bool(asked) and all(any(word.startswith(one) for word in there) for one in asked)
