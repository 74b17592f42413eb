"""The argon2 door: 46 MiB, one pass, off the loop; one core is left to those who do not sign in."""

import asyncio
import os
import re
import sys
import threading
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from math import prod

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn
from zxcvbn.matching import L33T_TABLE, relevant_l33t_subtable

from portal.language import lazy
from portal.refusal import Refused

LEAST = 15
LEAST_WITH_SECOND_FACTOR = 8
MOST = 256
WEAKEST_GUESSES = 10**8
LEAST_OF_ONES_OWN = 6
JUDGED = 48
MOST_READINGS = 8
PLAIN = str.maketrans({sign: letter for letter, signs in L33T_TABLE.items() for sign in signs})
HASHER = PasswordHasher(memory_cost=47104, time_cost=1, parallelism=1)
# Of a password that nobody knows: made once, so that the first unknown address takes no longer than the others.
NOBODYS = "$argon2id$v=19$m=47104,t=1,p=1$IWEBYIjVM/TRJpiKwiZo8g$EmoWR+X9ysr+PaxsrEMGFqPOijqMKAN0djZ8SHKyx/E"


@cache
def _threads() -> ThreadPoolExecutor:
    many = max(1, (os.cpu_count() or 1) - 1)
    return ThreadPoolExecutor(max_workers=many, thread_name_prefix="argon2", initializer=_step_back)


def _step_back() -> None:
    """Whoever signs in waits for a hash; everybody else need not. Where threads have no rank of their own, so be it."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


async def hashed(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_threads(), HASHER.hash, normal(password))


async def matches(stored: str, password: str) -> bool:
    """As long for no account as for a wrong password: without a stored hash a made-up one is checked."""
    right = await asyncio.get_running_loop().run_in_executor(_threads(), _verify, stored or NOBODYS, normal(password))
    return right and bool(stored)


def needs_rehash(stored: str) -> bool:
    return HASHER.check_needs_rehash(stored)


def normal(password: str) -> str:
    """One form for the same characters from different keyboards; cut nowhere, bounded against abuse."""
    return unicodedata.normalize("NFKC", password[: MOST + 1])


def must_be_good(password: str, again: str | None, context: Sequence[str], *, has_second_factor: bool = False) -> None:
    """NIST 800-63B-4: length and a blocklist, no rules of composition. Raises `Refused` with the reason."""
    least = LEAST_WITH_SECOND_FACTOR if has_second_factor else LEAST
    if len(password) < least:
        raise Refused(password=lazy("Use at least %(least)s characters. A short sentence works well.", least=least))
    if len(password) > MOST:
        raise Refused(password=lazy("Use %(most)s characters or fewer", most=MOST))
    _must_be_hard_to_guess(password, context)
    if again is not None and again != password:
        raise Refused(password_again=lazy("Type the same password again"))


def _must_be_hard_to_guess(password: str, context: Sequence[str]) -> None:
    words = _words(" ".join(context))
    verdict = zxcvbn(_readable(password[:JUDGED]), user_inputs=words)
    if verdict["guesses"] >= WEAKEST_GUESSES and not _is_made_of(words, password):
        return
    dictionaries = {match.get("dictionary_name") for match in verdict["sequence"]}
    if "user_inputs" in dictionaries or _is_made_of(words, password):
        reason = lazy("That is made of your name, your e-mail or the practice's name. Choose other words.")
    elif "passwords" in dictionaries:
        reason = lazy("That is one of the passwords people use most. Choose one that is only yours.")
    else:
        reason = lazy(
            "That is a pattern others would guess, such as a repeated or a running word. Choose a less regular one."
        )
    raise Refused(password=reason)


def _readable(password: str) -> str:
    """zxcvbn tries every reading of signs as letters; of too many, which would take seconds, one must do."""
    readings = prod(len(signs) for signs in relevant_l33t_subtable(password, L33T_TABLE).values())
    return password if readings <= MOST_READINGS else password.translate(PLAIN)


def _words(phrase: str) -> list[str]:
    """Longest first, so that a name in a longer word does not leave the rest behind."""
    return sorted(
        {word for word in re.split(r"[\W_]+", phrase.casefold()) if len(word) > 2}, key=lambda word: (-len(word), word)
    )


def _is_made_of(words: Sequence[str], password: str) -> bool:
    """One of them is in it, and little is left without them."""
    whole = rest = re.sub(r"[\W_]+", "", password.casefold())
    for word in words:
        rest = rest.replace(word, "")
    return rest != whole and len(rest) < LEAST_OF_ONES_OWN


def _verify(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
