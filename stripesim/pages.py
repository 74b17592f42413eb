from stripesim.dispatch import Answer, Request
from stripesim.store import Store


class Pages:
    def __init__(self, store: Store, address: str) -> None:
        self.store = store
        self.address = address

    def answer(self, request: Request) -> Answer:
        return Answer(404, b"")
