"""A refusal is a sentence beside a field. It rises from a form or an action alike."""

from collections.abc import Mapping


class Refused(Exception):
    """`Refused(email="Enter an e-mail address")`; the key `""` speaks of the form as a whole."""

    def __init__(self, sentences: Mapping[str, object] | None = None, /, **fields: object) -> None:
        self.sentences: dict[str, object] = {**(sentences or {}), **fields}
        super().__init__(", ".join(self.sentences))
