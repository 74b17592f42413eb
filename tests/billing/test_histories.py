"""Whatever happens to two accounts, in whatever order, the ledger adds up and nothing is forgotten."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from portal import language
from portal.access import Role
from portal.billing.actions import charging, deciding, paying, returning
from portal.billing.actions.deciding import Part, Remittance
from portal.billing.actions.returning import WITHOUT_MONEY, Back
from portal.billing.queries import checking, owed
from portal.database import ENGINE, fetch
from portal.encounters.drafts import LineDraft
from portal.invoices.actions import issuing
from portal.practice import queries as practices
from portal.refusal import Refused
from tests.billing.factories import AETNA, a_draft, a_payment, a_site, an_encounter, today
from tests.factories import TEST, a_client, a_member, a_practice
from tests.scenes import Stage

WHO, PICK, CENTS = st.booleans(), st.integers(0, 50), st.integers(1, 20_000)
# Money in the till is money in the ledger: what came less what went back stands at services or as credit.
TILL = """
SELECT (SELECT coalesce(sum(CASE WHEN is_refund THEN -amount ELSE amount END), 0) FROM payment
         WHERE reversed_at IS NULL) AS till,
       (SELECT coalesce(sum(paid_by_insurer + paid_by_client), 0) FROM service_line)
         + (SELECT coalesce(sum(credit), 0) FROM ledger_account) AS booked
"""
VOIDED = """
SELECT l.id FROM service_line AS l JOIN encounter AS e ON e.id = l.encounter
 WHERE e.voided_at IS NOT NULL AND (l.client_due, l.insurance_due, l.charged) <> (0, 0, 0)
"""
RETURNED = """
SELECT p.id FROM payment AS p JOIN payment AS r ON r.refunds = p.id AND r.reversed_at IS NULL
 GROUP BY p.id HAVING sum(r.amount) > p.amount
"""
LOST = """
SELECT id FROM invoice AS i
 WHERE replaces IS NOT NULL AND NOT EXISTS (SELECT FROM invoice WHERE id = i.replaces AND voided_at IS NOT NULL)
"""
KEPT = "SELECT (SELECT count(*) FROM posting) + (SELECT count(*) FROM entry) + (SELECT count(*) FROM invoice) AS kept"


class Histories(RuleBasedStateMachine):
    loop: asyncio.AbstractEventLoop
    stage: Stage

    def do(self, work: Awaitable[Any]) -> Any:
        """What cannot be is refused in words, and changes nothing."""

        async def tried() -> Any:
            try:
                return await work
            except Refused:
                return None

        return self.loop.run_until_complete(tried())

    def one(self, sql: str, pick: int, *args: object) -> Any:
        rows = self.loop.run_until_complete(fetch(sql, *args))
        return rows[pick % len(rows)] if rows else None

    @initialize()
    def begins(self) -> None:
        async def made() -> None:
            await self.stage.clear()
            practices.forget()
            await a_practice()
            await a_site()
            member, _ = await a_member(Role.CLINICIAN, is_clinician=True)
            self.clients = [await a_client(name, "Reyes", principal_clinician=member.id) for name in ("Maya", "Jonah")]

        self.kept = 0
        self.loop.run_until_complete(made())

    @rule(who=WHO, insured=WHO, fees=st.lists(CENTS, min_size=1, max_size=3), days=st.integers(1, 90))
    def a_visit_is_recorded(self, who: bool, insured: bool, fees: list[int], days: int) -> None:
        lines = [LineDraft("H0004", "Counseling", 1, fee, "", pointers=(1,)) for fee in fees]
        more = {"insured": AETNA} if insured else {}
        self.do(an_encounter(self.clients[who], *lines, days_ago=days, **more))

    @rule(pick=PICK)
    def one_is_voided(self, pick: int) -> None:
        if row := self.one("SELECT id, version FROM encounter WHERE voided_at IS NULL ORDER BY id", pick):
            self.do(charging.void(TEST, row["id"], row["version"], "Wrong"))

    @rule(pick=PICK, fee=CENTS)
    def one_is_corrected(self, pick: int, fee: int) -> None:
        row = self.one("SELECT id, version, client, site FROM encounter WHERE voided_at IS NULL ORDER BY id", pick)
        if row:
            client = next(one for one in self.clients if one.id == row["client"])
            draft = a_draft(client, LineDraft("H0004", "Counseling", 1, fee, "", pointers=(1,)), site_id=row["site"])
            self.do(charging.correct(TEST, row["id"], row["version"], draft, "Wrong"))

    @rule(who=WHO, cents=CENTS, first=WHO)
    def a_payment_is_taken(self, who: bool, cents: int, first: bool) -> None:
        due = self.do(owed.of_client(TEST, self.clients[who].id))
        given = {due[-1].id: min(cents, due[-1].client_due)} if due and first else None
        self.do(a_payment(self.clients[who], cents, given=given))

    @rule(who=WHO)
    def credit_is_applied(self, who: bool) -> None:
        self.do(paying.apply_credit(TEST, self.clients[who].id))

    @rule(who=WHO, shares=st.lists(st.tuples(CENTS, CENTS, CENTS), min_size=1, max_size=3))
    def an_insurer_decides(self, who: bool, shares: list[tuple[int, int, int]]) -> None:
        waiting = self.do(owed.of_insurers(TEST, self.clients[who].id))
        parts = []
        for one, (paid, adjusted, left) in zip(waiting, shares, strict=False):
            rest, told = one.insurance_due, []
            for cents in (paid - 5000, adjusted - 5000, left - 5000):
                told.append(max(0, min(cents, rest)))
                rest -= told[-1]
            parts.append(Part(one.id, *told))
        self.do(deciding.post_remittance(TEST, self.clients[who].id, Remittance("Aetna", "check", today(), parts)))

    @rule(who=WHO, pick=PICK, cents=CENTS, kind=st.sampled_from(["leave", "adjust", "write off"]))
    def a_service_is_adjusted(self, who: bool, pick: int, cents: int, kind: str) -> None:
        row, client_id = self.one("SELECT id FROM service_line ORDER BY id", pick), self.clients[who].id
        if row and kind == "leave":
            self.do(deciding.leave_to_client(TEST, client_id, row["id"], cents, "Nothing more"))
        elif row:
            self.do(deciding.write_off(TEST, client_id, row["id"], cents, "Less", is_adjustment=kind == "adjust"))

    @rule(pick=PICK, cents=CENTS, in_part=WHO)
    def one_is_refunded(self, pick: int, cents: int, in_part: bool) -> None:
        if row := self.one("SELECT id FROM payment ORDER BY id", pick):
            most = self.do(returning.returnable(TEST, row["id"]))
            parts = {line: min(cents, left) for line, left in list(most.items())[:1]} if in_part else None
            self.do(returning.refund(TEST, row["id"], Back("cash", "Asked for", parts)))

    @rule(pick=PICK)
    def one_is_reversed(self, pick: int) -> None:
        if row := self.one("SELECT id FROM payment ORDER BY id", pick):
            self.do(returning.reverse(TEST, row["id"], "Bounced"))

    @rule(pick=PICK)
    def a_posting_is_taken_back(self, pick: int) -> None:
        kinds = [str(one) for one in WITHOUT_MONEY]
        sql = "SELECT id FROM posting WHERE kind = ANY({}::text[]) AND payment IS NULL ORDER BY id"
        if row := self.one(sql, pick, kinds):
            self.do(returning.take_back(TEST, row["id"], "Wrong"))

    @rule(who=WHO, some=WHO)
    def an_invoice_is_issued(self, who: bool, some: bool) -> None:
        lines = None
        if some and (
            row := self.one("SELECT id FROM service_line WHERE client = {} ORDER BY id", 0, self.clients[who].id)
        ):
            lines = [row["id"]]
        self.do(issuing.issue(TEST, self.clients[who].id, lines))

    @rule(pick=PICK, anew=WHO)
    def an_invoice_is_voided_or_replaced(self, pick: int, anew: bool) -> None:
        if row := self.one("SELECT id FROM invoice ORDER BY id", pick):
            act: Callable[..., Awaitable[Any]] = issuing.replace if anew else issuing.void
            self.do(act(TEST, row["id"], "Wrong"))

    @invariant()
    def it_adds_up(self) -> None:
        async def looked() -> None:
            assert (await checking.check(TEST)).faults == []
            till = (await fetch(TILL))[0]
            assert till["till"] == till["booked"], till
            for sql in (VOIDED, RETURNED, LOST):
                assert await fetch(sql) == [], sql
            kept = (await fetch(KEPT))[0]["kept"]
            assert kept >= self.kept
            self.kept = kept

        if hasattr(self, "clients"):
            self.loop.run_until_complete(looked())


def run(stage: Stage, examples: int, steps: int) -> None:
    language.choose("en")
    Histories.stage = stage
    Histories.loop = asyncio.new_event_loop()
    asyncio.set_event_loop(None)
    Histories.loop.run_until_complete(ENGINE.start_connection_pool())
    chosen = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    try:
        run_state_machine_as_test(Histories, settings=chosen)
    finally:
        Histories.loop.run_until_complete(Histories.stage.clear())
        Histories.loop.run_until_complete(ENGINE.close_connection_pool())
        Histories.loop.close()


async def test_random_histories_of_two_accounts(stage: Stage):
    """In a thread with a loop of its own: Hypothesis calls, and does not wait."""
    await asyncio.to_thread(run, stage, examples=14, steps=25)


@pytest.mark.torture
async def test_many_long_histories(stage: Stage):
    await asyncio.to_thread(run, stage, examples=300, steps=60)
