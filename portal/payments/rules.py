"""What may follow what. Money that came is recorded, whatever was thought of the attempt before."""

from datetime import datetime, timedelta

from portal.payments.tables import AttemptState as State
from portal.payments.tables import SetupState, Source

UNDER_WAY = (State.SUBMITTING, State.ACTION, State.PROCESSING)
ENDED = (State.SUCCEEDED, State.DECLINED, State.FAILED, State.CANCELLED, State.EXPIRED)
KEPT = timedelta(hours=12)  # as long as Stripe keeps a ConfirmationToken
KEY_LIVES = timedelta(hours=23)  # Stripe forgets a key after 24
ON_ITS_WAY = timedelta(minutes=5)  # so long a call may still be working at Stripe
# Stripe mends by hand what a 500 has left, and names no time for it: what its list does not have yet may still come.
LOST = timedelta(hours=1)
OFF_SESSION = (Source.STAFF, Source.AUTOPAY)  # the client is not there to be asked
NOT_PAID = (State.DECLINED, State.FAILED)
WAITED = timedelta(minutes=2)  # so long somebody may still sit before the page
RANK = {State.OPEN: 0, State.SUBMITTING: 1, State.ACTION: 2, State.PROCESSING: 3}
SAYS = {
    "succeeded": State.SUCCEEDED,
    "processing": State.PROCESSING,
    "requires_action": State.ACTION,
    "requires_capture": State.PROCESSING,
    "canceled": State.CANCELLED,
    "requires_payment_method": State.DECLINED,
    "requires_confirmation": State.SUBMITTING,
}


def follows(state: str, status: str) -> State:
    """The state after Stripe has said `status`: further on, or the same. Only money leads out of an end."""
    now, said = State(state), SAYS.get(status, State.PROCESSING)
    if now == State.SUCCEEDED or said == State.SUCCEEDED:
        return State.SUCCEEDED
    if now in ENDED:
        return now
    if said in ENDED:
        return said
    return said if RANK[said] >= RANK[now] else now


def is_open(state: str, made_at: datetime, now: datetime) -> bool:
    """Whether it can still be changed, and submitted."""
    return state == State.OPEN and not is_old(made_at, now)


def has_no_answer(state: str) -> bool:
    """Nobody knows whether it was charged."""
    return state == State.SUBMITTING


def settled_by(submitted_at: datetime | None, now: datetime) -> datetime | None:
    """When it is given up that Stripe does not find; None once that has passed, for Stripe answers nothing at all."""
    until = submitted_at + LOST if submitted_at else None
    return until if until and until > now else None


def is_cancelled(state: str) -> bool:
    return state == State.CANCELLED


def waits_for_client(state: str) -> bool:
    """To confirm it with their bank, or to enter the card on Stripe's page."""
    return state == State.ACTION


def is_old(made_at: datetime, now: datetime) -> bool:
    return made_at < now - KEPT


SETUP_SAYS = {
    "succeeded": SetupState.SUCCEEDED,
    "requires_action": SetupState.ACTION,
    "canceled": SetupState.CANCELLED,
    "requires_payment_method": SetupState.DECLINED,
}
SETUP_ENDED = (SetupState.SUCCEEDED, SetupState.DECLINED, SetupState.FAILED, SetupState.CANCELLED)
SETUP_UNDER_WAY = (SetupState.SUBMITTING, SetupState.ACTION)


def setup_follows(state: str, status: str) -> SetupState:
    """The same for a card that is put on file: only a card that is there leads out of an end."""
    now, said = SetupState(state), SETUP_SAYS.get(status, SetupState(state))
    return said if said == SetupState.SUCCEEDED or now not in SETUP_ENDED else now


def pause(age: timedelta) -> timedelta:
    """Before Stripe is asked once more about what began so long ago."""
    return timedelta(minutes=1) if age < timedelta(minutes=10) else max(timedelta(minutes=5), age / 6)
